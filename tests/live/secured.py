"""A broker that believes nobody: TLS, passwords and access rules, with certificates and secrets made for this run."""

import secrets
import subprocess

# Random, so that they can be looked for in everything that is printed, and chance does not find them.
SECRETS = {name: f"{name}-{secrets.token_hex(12)}" for name in ("kafka", "key", "redis", "wrong")}
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN")
USER = "tocsin"

# What a Tocsin needs of Kafka and nothing else, by the beginnings of the names that the tests give their topics.
RIGHTS = (
    ("Read", "Describe", "--topic", "news.raw", "--group", "tocsin"),
    ("Write", "Describe", "--topic", "news.enriched", "--topic", "news.dead", "--transactional-id", "tocsin"),
)


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class Certificates:
    """Two authorities, of which one is a stranger; a broker and a client certified by the first."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("ca", "stranger"):
            openssl(
                folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN=tests {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            )  # fmt: skip
        # Of the name by which the tests call the broker; by another it is not to be trusted.
        self._certify("broker", "subjectAltName=IP:127.0.0.1")
        self._certify("client", "subjectAltName=DNS:client")
        (folder / "broker.keystore.pem").write_text(
            (folder / "broker.key").read_text() + (folder / "broker.pem").read_text()
        )
        openssl(
            folder, "pkcs8", "-topk8", "-in", "client.key", "-out", "client.locked.key", "-v2", "aes256",
            "-passout", f"pass:{SECRETS['key']}",
        )  # fmt: skip
        for name, secret in SECRETS.items():
            (folder / f"{name}.secret").write_text(secret + "\n")

    def _certify(self, name, extension):
        openssl(
            self.folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        (self.folder / f"{name}.ext").write_text(extension)
        openssl(
            self.folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip

    def path(self, name):
        return str(self.folder / name)

    def secret_file(self, name):
        return self.path(f"{name}.secret")


def cluster_options(certificates):
    """Of a Cluster with three doors beside the plain one, which is the tests' own and may do everything."""
    tls = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.path("broker.keystore.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": certificates.path("ca.pem"),
    }
    modules = "org.apache.kafka.common.security"
    sasl = tls | {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "scram-sha-256.sasl.jaas.config": f"{modules}.scram.ScramLoginModule required;",
        "scram-sha-512.sasl.jaas.config": f"{modules}.scram.ScramLoginModule required;",
        "plain.sasl.jaas.config": f'{modules}.plain.PlainLoginModule required user_{USER}="{SECRETS["kafka"]}";',
    }
    return {
        "listener": [
            {"name": "SASL", "protocol": "SASL_SSL", "settings": sasl},
            {"name": "TLS", "protocol": "SSL", "settings": tls},
            {"name": "MUTUAL", "protocol": "SSL", "settings": tls | {"ssl.client.auth": "required"}},
        ],
        "settings": {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "false",
        },
        "format": [
            argument
            for mechanism in MECHANISMS[:2]
            for argument in ("--add-scram", f"{mechanism}=[name={USER},password={SECRETS['kafka']}]")
        ],
    }


def acl_class(cluster):
    """The tool moved house between 3.9 and 4."""
    return "kafka.admin.AclCommand" if (cluster.version or "4").startswith("3") else "org.apache.kafka.tools.AclCommand"


def grant(cluster, *arguments, action="--add"):
    extra = ("--force",) if action == "--remove" else ()
    cluster.tool(acl_class(cluster), action, *extra, *arguments)


def grant_rights(cluster):
    for first, second, *resources in RIGHTS:
        grant(
            cluster, *resources, "--operation", first, "--operation", second, "--resource-pattern-type", "prefixed",
            "--allow-principal", f"User:{USER}", "--allow-principal", "User:CN=client",
        )  # fmt: skip


def sasl(certificates, mechanism="SCRAM-SHA-512", secret="kafka"):
    """Settings of a Tocsin that logs in with a password over TLS."""
    return {
        "kafka.security.protocol": "sasl_ssl",
        "kafka.sasl.mechanism": mechanism,
        "kafka.sasl.username": USER,
        "kafka.sasl.password_file": certificates.secret_file(secret),
        "kafka.ssl.ca.location": certificates.path("ca.pem"),
    }


def tls(certificates, authority="ca", **more):
    return {"kafka.security.protocol": "ssl", "kafka.ssl.ca.location": certificates.path(f"{authority}.pem")} | more


def mutual(certificates, secret="key"):
    return tls(certificates) | {
        "kafka.ssl.certificate.location": certificates.path("client.pem"),
        "kafka.ssl.key.location": certificates.path("client.locked.key"),
        "kafka.ssl.key.password_file": certificates.secret_file(secret),
    }
