# packages.sh: what Tocsin needs from Debian, and how to get what is missing.  Sourced by deploy/demo and tests/run.
#
#     packages_install build        what building and the demo need
#     packages_install build test   also what the tests need
#     packages_install live         what the tests on real Kafka need besides
#
# Works as root or with sudo, asks nothing, and touches no network when nothing is missing.

# libssl-dev: SHA-256 of dead letters.  redis-server: Debian also starts it as a service on 127.0.0.1:6379 when it is
# installed; the demo and the tests do not use that one, they start their own.
packages_build="gcc libc6-dev cmake ninja-build pkg-config
    librdkafka-dev libjansson-dev libicu-dev libhiredis-dev libmicrohttpd-dev libxml2-dev libxxhash-dev libssl-dev
    redis-server"
packages_test="clang libclang-rt-dev valgrind libcmocka-dev
    python3 python3-pytest python3-jsonschema python3-confluent-kafka python3-redis
    libgeonames0 libgeonames-common libglib2.0-bin"
# libgeonames: is the table of cities what its tool makes of them?  Kafka's jars come with Maven.  openssl: certificates.  iproute2: an instance that is cut off.  prometheus: promtool.
packages_live="openjdk-17-jre-headless maven openssl iproute2 prometheus"

# The runtime of clang's sanitizers has clang's version in its name.
packages_real_name() {
    case $1 in
    libclang-rt-dev)
        # Known once apt knows what clang is.
        version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\).*/\1/p' | head -n 1)
        echo "libclang-rt-${version:-14}-dev"
        ;;
    *) echo "$1" ;;
    esac
}

packages_missing() {
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

packages_install() {
    wanted=
    for group in "$@"; do
        case $group in
        build) wanted="$wanted $packages_build" ;;
        test) wanted="$wanted $packages_test" ;;
        live) wanted="$wanted $packages_live" ;;
        *)
            echo "packages_install: unknown group '$group'" >&2
            return 64
            ;;
        esac
    done
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "This is not Debian or one of its children: please install by hand what deploy/packages.sh lists." >&2
        return 0
    fi

    names=
    for package in $wanted; do names="$names $(packages_real_name "$package")"; done
    # shellcheck disable=SC2086 # lists of names are meant to split
    missing=$(packages_missing $names)
    [ -n "$missing" ] || return 0

    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Missing packages, and neither root nor sudo to install them with:" $missing >&2
            return 69
        fi
        sudo=sudo
    fi
    echo "Installing:" $missing >&2
    case " $(echo $missing) " in
    *" prometheus "*)
        # Only promtool is wanted of it; its service would listen on all addresses.
        unit=/etc/systemd/system/prometheus.service
        if [ ! -e "$unit" ] && [ ! -L "$unit" ]; then
            $sudo mkdir -p "${unit%/*}"
            $sudo ln -s /dev/null "$unit"
            echo "The service of prometheus stays off; 'systemctl unmask prometheus' allows it." >&2
        fi
        ;;
    esac
    log=$(mktemp)
    $sudo apt-get update >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; echo "apt-get update failed" >&2; return 69; }
    names=
    for package in $wanted; do names="$names $(packages_real_name "$package")"; done
    missing=$(packages_missing $names)
    if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        echo "apt-get install failed" >&2
        return 69
    fi
    rm -f "$log"
}
