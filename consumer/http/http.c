#include "consumer/http/http.h"

#include "consumer/http/address.h"
#include "consumer/http/pages.h"
#include "consumer/log.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 256,
    CONNECTIONS_OF_ONE = 64, /* address */
    SILENCE_MAX_S = 10,
    CONNECTION_MEMORY = 8192, /* for a request's head */
};

struct http {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock; /* guards watch, and what it points to while an answer is written */
    struct watch *watch;  /* NULL: no engine */
};

/* ---- answers ---------------------------------------------------------------------------------------------------- */

/* Takes over text. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *content_type,
                              struct exposition *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->size, text->data, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    if (response == NULL) {
        free(text->data);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static const struct page *page_of(const char *path)
{
    for (const struct page *page = http_pages; page->path != NULL; page++)
        if (strcmp(page->path, path) == 0)
            return page;
    return NULL;
}

static enum MHD_Result answer_nothing(struct MHD_Connection *connection, unsigned status)
{
    struct exposition text = {0};

    exposition_print(&text, "%s", status == MHD_HTTP_NOT_FOUND ? "There is:" : "GET and HEAD only, of");
    for (const struct page *page = http_pages; page->path != NULL; page++)
        exposition_print(&text, " %s", page->path);
    exposition_print(&text, "\n");
    return answer(connection, status, "text/plain; charset=utf-8", &text);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    static int seen;
    struct http *http = user;
    struct exposition text = {0};
    const struct page *page;
    unsigned status;

    (void)version, (void)upload;
    if (*state == NULL) { /* only the head is there: an answer now would end the connection */
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size > 0) { /* nobody wants that */
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_nothing(connection, MHD_HTTP_METHOD_NOT_ALLOWED);
    if ((page = page_of(path)) == NULL)
        return answer_nothing(connection, MHD_HTTP_NOT_FOUND);
    pthread_mutex_lock(&http->lock);
    status = page->write(http->watch, &text);
    pthread_mutex_unlock(&http->lock);
    return answer(connection, status, page->content_type, &text);
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

/* What strangers send wrong is their business, and no line each of ours. */
static void on_log(void *user, const char *format, va_list arguments)
{
    char text[300];

    (void)user;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    LOG(LOG_DEBUG, "http", "text=%s", LOG_QUOTE(text));
}

static struct MHD_Daemon *start(struct http *http, int fd)
{
    const unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC;
    struct MHD_Daemon *daemon;
    sigset_t all, before;

    sigfillset(&all); /* signals are for the one thread that waits for them */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, http,
                              MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, /* first: options may have something to say */
                              MHD_OPTION_LISTEN_SOCKET, fd,
                              MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                              MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_OF_ONE,
                              MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_MAX_S,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                              MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

enum status http_open(const struct settings *settings, struct http **ret_http, struct err *err)
{
    struct http_address address;
    struct http *http;
    enum status status;
    unsigned port;
    int fd;

    *ret_http = NULL;
    if (settings->http_listen[0] == '\0')
        return STATUS_OK;
    if ((status = http_address_parse(settings->http_listen, &address, err)) != STATUS_OK ||
        (status = http_address_listen(&address, &fd, &port, err)) != STATUS_OK)
        return status;
    http = calloc(1, sizeof *http);
    if (http == NULL)
        abort();
    pthread_mutex_init(&http->lock, NULL);
    http->daemon = start(http, fd);
    if (http->daemon == NULL) {
        close(fd);
        http_close(http);
        return fail(err, STATUS_FATAL, "http.listen: libmicrohttpd does not start");
    }
    log_event(NULL, LOG_INFO, "http", "listen=%s port=%u", LOG_QUOTE(settings->http_listen), port);
    *ret_http = http;
    return STATUS_OK;
}

void http_watch(struct http *http, struct watch *watch)
{
    if (http == NULL)
        return;
    pthread_mutex_lock(&http->lock);
    http->watch = watch;
    pthread_mutex_unlock(&http->lock);
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon); /* ends its thread, and closes the socket */
    pthread_mutex_destroy(&http->lock);
    free(http);
}
