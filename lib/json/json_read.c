#include "lib/json/json_read.h"

#include <cjson/cJSON.h>

#include "lib/base/buffer.h"
#include "lib/json/json_write.h"

// struct json is never defined: it is cJSON's item under our name, so that cJSON stays in this
// file.
static const cJSON *item_of(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct json *value_of(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

// Refuses what cJSON would accept or recurse into: depth, control characters, and \u0000, which
// would cut a C string.
static bool scan_is_safe(struct bytes text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (in_string) {
            if (c < 0x20) {
                return false;
            }
            if (c == '\\') {
                if (bytes_starts_with(bytes_from(text, i + 1), bytes_text("u0000"))) {
                    return false;
                }
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) {
                return false;
            }
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return false;
            }
            depth--;
        } else if (c == 0) {
            return false;
        }
    }
    return !in_string && depth == 0;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            return false;
        }
    }
    return true;
}

enum lc_status json_parse(struct bytes text, struct json **out_document)
{
    if (text.size == 0 || !bytes_is_utf8(text) || !scan_is_safe(text)) {
        return LC_ERR_BAD_INPUT;
    }
    const char *end = NULL;
    cJSON *item = cJSON_ParseWithLengthOpts((const char *)text.data, text.size, &end, 0);
    if (item == NULL) {
        return LC_ERR_BAD_INPUT;
    }
    size_t used = (size_t)(end - (const char *)text.data);
    if (!is_blank(bytes_from(text, used))) {
        cJSON_Delete(item);
        return LC_ERR_BAD_INPUT;
    }
    *out_document = (struct json *)(void *)item;
    return LC_OK;
}

void json_destroy(struct json *document)
{
    cJSON_Delete((cJSON *)(void *)document);
}

const struct json *json_member(const struct json *value, const char *name)
{
    if (!json_is_object(value)) {
        return NULL;
    }
    return value_of(cJSON_GetObjectItemCaseSensitive(item_of(value), name));
}

const struct json *json_first(const struct json *value)
{
    if (!json_is_object(value) && !json_is_array(value)) {
        return NULL;
    }
    return value_of(item_of(value)->child);
}

const struct json *json_next(const struct json *item)
{
    return item == NULL ? NULL : value_of(item_of(item)->next);
}

size_t json_count(const struct json *value)
{
    size_t count = 0;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item)) {
        count++;
    }
    return count;
}

const char *json_name(const struct json *value)
{
    const cJSON *item = item_of(value);
    return item == NULL || item->string == NULL ? "" : item->string;
}

bool json_is_null(const struct json *value)
{
    return cJSON_IsNull(item_of(value));
}

bool json_is_object(const struct json *value)
{
    return cJSON_IsObject(item_of(value));
}

bool json_is_array(const struct json *value)
{
    return cJSON_IsArray(item_of(value));
}

bool json_is_text(const struct json *value)
{
    return cJSON_IsString(item_of(value));
}

bool json_is_number(const struct json *value)
{
    return cJSON_IsNumber(item_of(value));
}

bool json_to_int64(const struct json *value, int64_t *out_value)
{
    if (!json_is_number(value)) {
        return false;
    }
    double number = item_of(value)->valuedouble;
    if (!(number >= -(double)JSON_INTEGER_MAX && number <= (double)JSON_INTEGER_MAX)) {
        return false; // written so that NaN is refused too
    }
    int64_t whole = (int64_t)number;
    if (number < (double)whole || number > (double)whole) {
        return false;
    }
    *out_value = whole;
    return true;
}

bool json_to_text(const struct json *value, struct bytes *out_text)
{
    if (!json_is_text(value)) {
        return false;
    }
    *out_text = bytes_text(item_of(value)->valuestring);
    return true;
}

bool json_to_bool(const struct json *value, bool *out_value)
{
    if (!cJSON_IsBool(item_of(value))) {
        return false;
    }
    *out_value = cJSON_IsTrue(item_of(value));
    return true;
}

void json_print(const struct json *value, struct buffer *out)
{
    char *text = cJSON_PrintUnformatted(item_of(value));
    if (text == NULL) {
        out->failed = true;
        return;
    }
    buffer_append_text(out, text);
    cJSON_free(text);
}
