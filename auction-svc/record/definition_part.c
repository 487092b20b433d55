#include "auction-svc/record/definition_part.h"

#include "auction-svc/record/definition_form.h"

void reading_path(char out_path[DEFINITION_DETAIL_SIZE], const char *prefix, const char *name,
                  const char *end)
{
    int size = snprintf(out_path, DEFINITION_DETAIL_SIZE, "%s%s%s", prefix, name, end);
    LC_ASSERT(size >= 0 && size < DEFINITION_DETAIL_SIZE);
}

void reading_item_path(char out_path[DEFINITION_DETAIL_SIZE], const char *prefix, const char *name,
                       size_t position, const char *end)
{
    int size =
        snprintf(out_path, DEFINITION_DETAIL_SIZE, "%s%s[%zu]%s", prefix, name, position, end);
    LC_ASSERT(size >= 0 && size < DEFINITION_DETAIL_SIZE);
}

void reading_refuse(struct reading *reading, enum error_code refusal, const char *prefix,
                    const char *name)
{
    if (reading->refusal == ERROR_NONE) {
        reading->refusal = refusal;
        reading_path(reading->detail, prefix, name, "");
    }
}

const struct json *reading_given(const struct json *object, const char *name)
{
    const struct json *value = json_member(object, name);
    return value == NULL || json_is_null(value) ? NULL : value;
}

// The name comes from outside: it is cut, and what is no plain letter becomes a question mark.
void reading_refuse_unknown(struct reading *reading, const char *prefix, const char *name)
{
    char plain[33] = "?"; // of a name without a letter
    for (size_t i = 0; i + 1 < sizeof plain && name[i] != 0; i++) {
        plain[i] = name[i] > ' ' && name[i] < 0x7F ? name[i] : '?';
    }
    reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, plain);
}

void reading_allow(struct reading *reading, const struct json *object, const char *prefix,
                   const char *const *names)
{
    for (const struct json *member = json_first(object); member != NULL;
         member = json_next(member)) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], json_name(member)) != 0) {
            i++;
        }
        if (names[i] == NULL) {
            reading_refuse_unknown(reading, prefix, json_name(member));
        }
    }
}

void reading_int(struct reading *reading, const struct json *object, const char *prefix,
                 const char *name, int64_t *io_value)
{
    const struct json *value = reading_given(object, name);
    if (value != NULL && !json_to_int64(value, io_value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
    }
}

// ---- increments ----

static void read_bands(struct reading *reading, const struct json *bands, const char *prefix,
                       struct increment_table *table)
{
    if (!json_is_array(bands)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "bands");
        return;
    }
    for (const struct json *band = json_first(bands); band != NULL; band = json_next(band)) {
        if (table->count == INCREMENT_BANDS_MAX) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "bands");
            return;
        }
        struct increment_band *read = &table->as.bands[table->count];
        const struct json *from = json_first(band);
        if (!json_is_array(band) || json_count(band) != 2 ||
            !json_to_int64(from, &read->from_minor) ||
            !json_to_int64(json_next(from), &read->step_minor)) {
            char name[32];
            snprintf(name, sizeof name, "bands[%zu]", table->count);
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
            return;
        }
        table->count++;
    }
}

static void read_rungs(struct reading *reading, const struct json *rungs, const char *prefix,
                       struct increment_table *table)
{
    if (!json_is_array(rungs)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "rungs");
        return;
    }
    for (const struct json *rung = json_first(rungs); rung != NULL; rung = json_next(rung)) {
        if (table->count == INCREMENT_RUNGS_MAX ||
            !json_to_int64(rung, &table->as.rungs[table->count])) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "rungs");
            return;
        }
        table->count++;
    }
}

static void read_percent(struct reading *reading, const struct json *value, const char *prefix,
                         struct increment_table *table)
{
    table->as.percent.round_minor = 1;
    table->as.percent.step_min_minor = 1;
    reading_int(reading, value, prefix, "basis_points", &table->as.percent.basis_points);
    reading_int(reading, value, prefix, "round", &table->as.percent.round_minor);
    reading_int(reading, value, prefix, "step_min", &table->as.percent.step_min_minor);
}

static void read_align(struct reading *reading, const struct json *value, const char *prefix,
                       struct increment_table *table)
{
    const struct json *align = reading_given(value, "align");
    if (align != NULL && !json_to_bool(align, &table->align)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "align");
    }
}

static void read_preset(struct reading *reading, const struct json *value, const char *prefix,
                        struct increment_table *io_table)
{
    static const char *const names[] = {"preset", NULL};
    struct bytes preset;
    reading_allow(reading, value, prefix, names);
    if (!json_to_text(json_member(value, "preset"), &preset) ||
        !increment_table_preset(preset, io_table)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "preset");
    }
}

// The kinds of tables and what belongs to each; a flat one is a band from 0.
static const struct {
    const char *name;
    enum increment_kind kind;
    const char *members[7];
    const char *wrong; // named when the table as a whole is not legal
} kinds[] = {
    {"flat", INCREMENT_BANDS, {"kind", "step", "align", "preset", NULL}, "step"},
    {"bands", INCREMENT_BANDS, {"kind", "bands", "align", "preset", NULL}, "bands"},
    {"cycle", INCREMENT_CYCLE, {"kind", "rungs", "align", "preset", NULL}, "rungs"},
    {"percent",
     INCREMENT_PERCENT,
     {"kind", "basis_points", "round", "step_min", "align", "preset", NULL},
     "basis_points"},
};
enum { KINDS_COUNT = sizeof kinds / sizeof kinds[0] };

const char *const definition_premium_members[] = {"from", "basis_points", NULL};
const char *const definition_cap_members[] = {"category", "most", NULL};

const char *const *definition_increment_members(size_t kind)
{
    return kind < KINDS_COUNT ? kinds[kind].members : NULL;
}

void reading_increments(struct reading *reading, const struct json *value, const char *prefix,
                        const char *name, struct increment_table *io_table)
{
    char inner[DEFINITION_DETAIL_SIZE];
    struct bytes word = bytes_text("flat");
    struct increment_table table = {0};
    size_t kind = 0;
    reading_path(inner, prefix, name, ".");
    if (!json_is_object(value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
        return;
    }
    if (reading_given(value, "preset") != NULL) {
        read_preset(reading, value, inner, io_table);
        return;
    }
    const struct json *given = reading_given(value, "kind");
    if (given != NULL && !json_to_text(given, &word)) {
        word = bytes_text("");
    }
    while (kind < KINDS_COUNT && !bytes_equal_text(word, kinds[kind].name)) {
        kind++;
    }
    if (kind == KINDS_COUNT) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, inner, "kind");
        return;
    }
    reading_allow(reading, value, inner, kinds[kind].members);
    table.kind = kinds[kind].kind;
    read_align(reading, value, inner, &table);
    if (kind == 0) {
        table.count = 1;
        reading_int(reading, value, inner, "step", &table.as.bands[0].step_minor);
    } else if (kind == 1) {
        read_bands(reading, json_member(value, "bands"), inner, &table);
    } else if (kind == 2) {
        read_rungs(reading, json_member(value, "rungs"), inner, &table);
    } else {
        read_percent(reading, value, inner, &table);
    }
    if (!increment_table_is_valid(&table)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, inner, kinds[kind].wrong);
    }
    *io_table = table;
}

// ---- short lists ----

void reading_warnings(struct reading *reading, const struct json *value, const char *prefix,
                      const char *name, int64_t io_warnings_ms[WARNINGS_MAX])
{
    size_t count = json_count(value);
    if (!json_is_array(value) || count > WARNINGS_MAX) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
        return;
    }
    memset(io_warnings_ms, 0, WARNINGS_MAX * sizeof io_warnings_ms[0]);
    for (const struct json *warning = json_first(value); warning != NULL;
         warning = json_next(warning)) {
        if (!json_to_int64(warning, io_warnings_ms) || *io_warnings_ms < 1) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
            return;
        }
        io_warnings_ms++;
    }
}

void reading_premium(struct reading *reading, const struct json *value, const char *prefix,
                     const char *name, struct premium_bands *io_premium)
{
    struct premium_bands premium = {.count = json_count(value)};
    if (!json_is_array(value) || premium.count > PREMIUM_BANDS_MAX) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
        return;
    }
    size_t position = 0;
    for (const struct json *band = json_first(value); band != NULL; band = json_next(band)) {
        char path[DEFINITION_DETAIL_SIZE];
        struct premium_band *read = &premium.bands[position];
        reading_item_path(path, prefix, name, position++, ".");
        if (!json_is_object(band) || !json_to_int64(json_member(band, "from"), &read->from_minor)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, path, "from");
        }
        if (!json_to_int64(json_member(band, "basis_points"), &read->basis_points)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, path, "basis_points");
        }
        reading_allow(reading, band, path, definition_premium_members);
    }
    *io_premium = premium;
}

void reading_caps(struct reading *reading, const struct json *value, const char *prefix,
                  const char *name, struct sale_definition *io_definition)
{
    size_t count = json_count(value);
    if (!json_is_array(value) || count > CATEGORY_CAPS_MAX) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
        return;
    }
    size_t position = 0;
    for (const struct json *cap = json_first(value); cap != NULL; cap = json_next(cap)) {
        char path[DEFINITION_DETAIL_SIZE];
        struct category_cap *read = &io_definition->category_caps[position];
        struct bytes category;
        reading_item_path(path, prefix, name, position++, ".");
        if (!json_to_text(json_member(cap, "category"), &category) ||
            category.size > LOT_CATEGORY_SIZE_MAX) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, path, "category");
            return;
        }
        *read = (struct category_cap){0};
        memcpy(read->category, category.data, category.size);
        if (!json_to_int64(json_member(cap, "most"), &read->most)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, path, "most");
        }
        reading_allow(reading, cap, path, definition_cap_members);
    }
    io_definition->category_caps_count = count;
}
