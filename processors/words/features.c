#include "processors/words/features.h"

#include "processors/text/text.h"
#include "processors/words/forms.h"

enum { STEM_POINTS = 5 };

struct view feature_front(struct view word, unsigned n)
{
    size_t at = 0;

    for (unsigned i = 0; i < n && at < word.size; i++)
        do
            at++;
        while (at < word.size && (word.data[at] & 0xc0) == 0x80);
    return view_slice(word, 0, at);
}

struct view feature_back(struct view word, unsigned n)
{
    size_t at = word.size;

    for (unsigned i = 0; i < n && at > 0; i++)
        do
            at--;
        while (at > 0 && (word.data[at] & 0xc0) == 0x80);
    return view_slice(word, at, word.size - at);
}

uint32_t feature_stem(const struct article *article, const struct token *token, const char *language_tag)
{
    struct view folded = token_folded(article, token), front;
    struct strip prefixes[PREFIXES_MAX];
    char buffer[FORM_BYTES * 2];
    size_t n;

    if (token->script != SCRIPT_ARAB && token->script != SCRIPT_HEBR) {
        front = feature_front(folded, STEM_POINTS);
        return feature_hash(front.data, front.size);
    }
    n = forms_prefixes(article, token, language_tag, FORMS_NAME, prefixes);
    return n == 0 ? (uint32_t)token->hash : (uint32_t)fold_hash(forms_view(folded, &prefixes[n - 1], buffer));
}
