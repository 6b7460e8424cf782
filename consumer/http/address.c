#include "consumer/http/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= 5 && text[digits] == '\0' && atoi(text) <= 65535;
}

enum status http_address_parse(const char *text, struct http_address *ret_address, struct err *err)
{
    struct http_address address;
    const char *host = text, *colon = strrchr(text, ':');
    size_t size = colon == NULL ? 0 : (size_t)(colon - text);

    if (colon == NULL || !is_port(colon + 1) || size >= sizeof address.host)
        goto wrong;
    if (host[0] == '[') {
        if (size < 3 || host[size - 1] != ']')
            goto wrong;
        host++;
        size -= 2;
    } else if (memchr(host, ':', size) != NULL) {
        return fail(err, STATUS_FATAL, "http.listen is \"%s\": an IPv6 address stands in brackets, as in [::1]:9464",
                    text);
    }
    for (size_t i = 0; i < size; i++)
        if (host[i] <= ' ' || strchr("/[]@", host[i]) != NULL)
            goto wrong;
    snprintf(address.host, sizeof address.host, "%.*s", (int)size, host);
    snprintf(address.port, sizeof address.port, "%s", colon + 1);
    *ret_address = address;
    return STATUS_OK;
wrong:
    return fail(err, STATUS_FATAL,
                "http.listen is \"%s\", expected HOST:PORT, as in 127.0.0.1:9464, or :PORT for all addresses", text);
}

static int try_listen(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, off = 0, error;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* a restart need not wait for old connections */
    if (at->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* all addresses are those of IPv4 too */
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;

    if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                          : ((struct sockaddr_in *)&at)->sin_port);
}

enum status http_address_listen(const struct http_address *address, int *ret_fd, unsigned *ret_port, struct err *err)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int fd = -1, problem = getaddrinfo(address->host[0] == '\0' ? NULL : address->host, address->port, &hints, &list);

    if (problem != 0)
        return fail(err, STATUS_FATAL, "http.listen: no address \"%s\": %s", address->host, gai_strerror(problem));
    /* For all addresses IPv6 first, which takes in IPv4; a machine without it has the other.  Where somebody else listens
     * already, the other would be half of what was asked for. */
    for (int round = 0; round < 2; round++)
        for (const struct addrinfo *at = list; at != NULL && fd < 0 && problem != EADDRINUSE; at = at->ai_next)
            if ((at->ai_family == AF_INET6) == (round == (address->host[0] == '\0' ? 0 : 1)) &&
                (fd = try_listen(at)) < 0)
                problem = errno;
    freeaddrinfo(list);
    if (fd < 0)
        return fail(err, problem == EADDRINUSE ? STATUS_RETRY : STATUS_FATAL, "http.listen: cannot listen on %s:%s: %s",
                    address->host, address->port, strerror(problem));
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return STATUS_OK;
}
