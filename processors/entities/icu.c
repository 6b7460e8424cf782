#include "processors/entities/load.h"

#include "processors/utf8.h"

#include <string.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* Names that CLDR has in a language we hold to be safe where the language of an article is not known. */
enum { UNKNOWN_LANGUAGE_POINTS_MIN = 4, NAME_UNITS = 256 };

/* "Myanmar (Birma)": the remark is left out, for it may be no name ("Kongo (Republik)"). */
static enum status name_add(struct entities_tables *tables, struct view name, struct alias like, struct err *err)
{
    const char *remark = memchr(name.data, '(', name.size);
    enum status status;

    if (remark != NULL)
        name = view_trim((struct view){name.data, (size_t)(remark - name.data)});
    status = name.size == 0 ? STATUS_OK : entities_alias_add(tables, name, like, err);
    return status == STATUS_REJECT ? STATUS_OK : status; /* longer than any phrase may be: islands in Japanese */
}

static enum status locale_load(struct entities_tables *tables, const char *locale, UDisplayContext length,
                               language_id language, const struct region *regions, size_t n, struct err *err)
{
    UDisplayContext contexts[] = {UDISPCTX_STANDARD_NAMES, length, UDISPCTX_NO_SUBSTITUTE};
    UErrorCode code = U_ZERO_ERROR;
    ULocaleDisplayNames *names = uldn_openForContext(locale, contexts, 3, &code);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < n && status == STATUS_OK && U_SUCCESS(code); i++) {
        struct alias like = {.entity = regions[i].entity};
        UChar units[NAME_UNITS];
        char bytes[NAME_UNITS * 3];
        UErrorCode one = U_ZERO_ERROR;
        int32_t n_units = uldn_regionDisplayName(names, regions[i].code, units, NAME_UNITS, &one), size;
        struct view name;

        if (U_FAILURE(one) || n_units <= 0)
            continue; /* this language has no name for it */
        u_strToUTF8(bytes, sizeof bytes, &size, units, n_units, &one);
        if (U_FAILURE(one))
            continue;
        name = (struct view){bytes, (size_t)size};
        like.languages[language / 32] |= 1u << language % 32;
        if (utf8_points(name) >= UNKNOWN_LANGUAGE_POINTS_MIN)
            like.languages[LANGUAGE_UND / 32] |= 1u << LANGUAGE_UND % 32;
        status = name_add(tables, name, like, err);
    }
    uldn_close(names);
    return status;
}

enum status entities_icu_load(struct entities_tables *tables, struct err *err)
{
    const struct region *regions = tables->load->regions;
    size_t n = tables->load->n_regions;
    int32_t n_locales = uloc_countAvailable();

    for (int32_t i = 0; i < n_locales; i++) {
        const char *locale = uloc_getAvailable(i);
        language_id language = language_of(tables->languages, view_of(locale));
        char country[ULOC_COUNTRY_CAPACITY];
        UErrorCode code = U_ZERO_ERROR;

        if (language == LANGUAGE_UND || uloc_getCountry(locale, country, sizeof country, &code) > 0)
            continue;
        if (locale_load(tables, locale, UDISPCTX_LENGTH_FULL, language, regions, n, err) != STATUS_OK
            || locale_load(tables, locale, UDISPCTX_LENGTH_SHORT, language, regions, n, err) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}
