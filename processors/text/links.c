/* Links, e-mail addresses, handles and hash tags: told from words without ever looking twice at the same byte for
 * nothing. */
#include "processors/text/scan.h"

enum { SCHEME_MAX = 16, TOP_DOMAIN_MAX = 6 };

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool in_set(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* A letter with marks behind it is not the plain one that links are made of, in either normal form: é ends a link, and
 * so does e with an accent.  Steps back over a byte at whose end a mark stands. */
static size_t before_mark(const struct scan *scan, size_t start, size_t i)
{
    uint32_t point;
    unsigned size;

    if (i > start && i < scan->end && (unsigned char)scan->data[i] >= 0x80
        && scan_look(scan, i, &point, &size)->class == POINT_MARK)
        return i - 1;
    return i;
}

/* Behind the last byte of a URL's tail: up to a blank, a sign that URLs never hold unescaped, or a byte that is not
 * ASCII (browsers escape those; what stands here is the text going on).  Punctuation at its end belongs to the
 * sentence. */
static size_t tail_end(const struct scan *scan, size_t i)
{
    size_t start = i, opened = 0;

    while (i < scan->end && i - start < TOKEN_BYTES_MAX / 2 && scan->data[i] > ' ' && scan->data[i] < 0x7f
           && !in_set(scan->data[i], "<>\"\\^{|}`")) {
        opened += scan->data[i] == '(';
        i++;
    }
    i = before_mark(scan, start, i);
    while (i > start && (in_set(scan->data[i - 1], ".,;:!?'*_[]") || (scan->data[i - 1] == ')' && opened == 0)))
        i--;
    return i;
}

/* Is this the last part of a domain name?  Lower case, as a capital behind a full stop begins a sentence more often. */
static bool is_top_domain(const struct scan *scan, const char *label, size_t size)
{
    static const char *const generic[] = {"com", "org", "net", "info", "gov", "edu", "mil", "int", "news", "tv",
                                          "online"};

    for (size_t i = 0; i < sizeof generic / sizeof *generic; i++)
        if (strlen(generic[i]) == size && memcmp(generic[i], label, size) == 0)
            return true;
    return size == 2 && label[0] >= 'a' && label[0] <= 'z' && label[1] >= 'a' && label[1] <= 'z'
           && scan->tables->countries[label[0] - 'a'][label[1] - 'a'] != 0;
}

/* Where the last label of the host name that ends at `end` begins; `start` if there is only one. */
static size_t last_label(const struct scan *scan, size_t start, size_t end)
{
    while (end > start && scan->data[end - 1] != '.')
        end--;
    return end;
}

static bool is_domain(const struct scan *scan, size_t start, size_t end, char next)
{
    size_t label = last_label(scan, start, end), size = end - label;
    bool lower = size >= 2;

    if (label == start || label < start + 2)
        return false;
    for (size_t i = label; i < end; i++)
        lower &= scan->data[i] >= 'a' && scan->data[i] <= 'z';
    if (end - start > 4 && (memcmp(scan->data + start, "www.", 4) == 0 || memcmp(scan->data + start, "WWW.", 4) == 0))
        return true;
    if (!lower)
        return false;
    if (next == '/')
        return size <= TOP_DOMAIN_MAX;
    return scan->data[label - 2] != '.' && label - start > 2 && is_top_domain(scan, scan->data + label, size);
}

/* The end of the e-mail address whose "@" stands at byte i, or 0. */
static size_t mail_end(const struct scan *scan, size_t i)
{
    size_t start = ++i, label;

    while (i < scan->end && (is_alnum(scan->data[i]) || scan->data[i] == '.' || scan->data[i] == '-'))
        i++;
    i = before_mark(scan, start, i);
    while (i > start && !is_alnum(scan->data[i - 1]))
        i--;
    label = last_label(scan, start, i);
    return label > start && i - label >= 2 ? i : 0;
}

size_t scan_link_end(struct scan *scan, size_t start)
{
    const char *data = scan->data;
    size_t head = start, end;
    char next;

    while (head < scan->end && (is_alnum(data[head]) || in_set(data[head], "._%+-")))
        head++;
    scan->not_link_before = head;
    head = before_mark(scan, start, head);
    next = head < scan->end ? data[head] : '\n';
    if (next == ':' && head - start <= SCHEME_MAX && head + 3 < scan->end && data[head + 1] == '/'
        && data[head + 2] == '/') {
        end = tail_end(scan, head + 3);
        return end > head + 3 ? end : 0;
    }
    if (next == '@') {
        end = mail_end(scan, head);
        return end - start < TOKEN_BYTES_MAX / 2 ? end : 0;
    }
    end = head;
    while (end > start && !is_alnum(data[end - 1]))
        end--;
    if (end - start > TOKEN_BYTES_MAX / 4 || !is_domain(scan, start, end, next))
        return 0;
    if (end == head && (next == '/' || next == '?' || next == '#' || next == ':'))
        end = tail_end(scan, end);
    return end;
}

size_t scan_tag_end(const struct scan *scan, size_t start)
{
    uint32_t point;
    unsigned size;
    bool letters = false, is_handle = scan->data[start] == '@';
    size_t i = start, solid;

    scan_look(scan, i, &point, &size);
    i += size;
    solid = i;
    while (i < scan->end && i - start < TOKEN_BYTES_MAX / 2) {
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->class > POINT_IGNORABLE && point != '_')
            break;
        letters |= info->class == POINT_LETTER;
        i += size;
        if (info->class != POINT_IGNORABLE)
            solid = i;
    }
    return letters || (is_handle && solid > start + 1) ? solid : 0;
}
