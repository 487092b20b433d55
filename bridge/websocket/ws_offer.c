#include "bridge/websocket/ws_offer.h"

#include "bridge/http/http_list.h"

enum { OFFERED_BITS_MIN = 8 }; // legal, but zlib cannot keep to it

// One offer, before it is weighed. Window bits: 0 not named, else 8 to 15.
struct offer {
    bool server_forgets;
    bool client_forgets;
    bool names_client_bits; // with or without a value
    uint8_t server_bits;
    uint8_t client_bits;
};

static struct bytes unquote(struct bytes value)
{
    bool is_quoted = value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"';
    return is_quoted ? bytes_of(value.data + 1, value.size - 2) : value;
}

static bool read_bits(struct bytes value, uint8_t *bits)
{
    uint64_t number;
    if (*bits != 0 || !bytes_to_uint64(value, WS_WINDOW_BITS_MAX, &number) ||
        number < OFFERED_BITS_MIN || value.data[0] == '0') {
        return false;
    }
    *bits = (uint8_t)number;
    return true;
}

static bool read_flag(bool has_value, bool *flag)
{
    bool is_new = !*flag;
    *flag = true;
    return is_new && !has_value;
}

// False: unknown, named twice, or with a value that it cannot have.
static bool read_parameter(struct bytes text, struct offer *offer)
{
    size_t equals = bytes_find(text, '=', 0);
    bool has_value = equals < text.size;
    struct bytes name = http_trim(bytes_of(text.data, equals));
    struct bytes value = unquote(http_trim(bytes_from(text, equals + 1)));
    if (http_equals(name, "server_no_context_takeover")) {
        return read_flag(has_value, &offer->server_forgets);
    }
    if (http_equals(name, "client_no_context_takeover")) {
        return read_flag(has_value, &offer->client_forgets);
    }
    if (http_equals(name, "server_max_window_bits")) {
        return read_bits(value, &offer->server_bits);
    }
    if (http_equals(name, "client_max_window_bits")) {
        bool is_new = !offer->names_client_bits;
        offer->names_client_bits = true;
        return is_new && (!has_value || read_bits(value, &offer->client_bits));
    }
    return false;
}

// False when the server cannot, or is told not to, keep to it.
static bool accept_offer(const struct ws_deflate_config *config, const struct offer *offer,
                         struct ws_deflate_terms *terms)
{
    int server_bits = offer->server_bits;
    int wanted_bits = config->server_window_bits;
    if (wanted_bits != 0 && (server_bits == 0 || server_bits > wanted_bits)) {
        server_bits = wanted_bits;
    }
    if ((server_bits != 0 && server_bits < WS_WINDOW_BITS_MIN) ||
        (config->client_window_bits != 0 && !offer->names_client_bits)) {
        return false;
    }
    int client_bits = offer->client_bits;
    if (config->client_window_bits != 0 &&
        (client_bits == 0 || client_bits > config->client_window_bits)) {
        client_bits = config->client_window_bits;
    }
    *terms = (struct ws_deflate_terms){
        .is_on = true,
        .server_forgets = offer->server_forgets || config->server_forgets,
        .client_forgets = offer->client_forgets || config->client_forgets,
        .server_window_bits = (uint8_t)server_bits,
        .client_window_bits = (uint8_t)client_bits,
    };
    return true;
}

static enum lc_status read_extension(const struct ws_deflate_config *config, struct bytes text,
                                     struct ws_deflate_terms *terms)
{
    struct offer offer = {.server_forgets = false};
    struct bytes part;
    if (!http_list_next(&text, ';', &part) || !http_equals(part, "permessage-deflate")) {
        return LC_OK;
    }
    while (http_list_next(&text, ';', &part)) {
        if (!read_parameter(part, &offer)) {
            return LC_ERR_BAD_INPUT;
        }
    }
    if (!terms->is_on) { // the first that is acceptable holds, the others are only read
        (void)accept_offer(config, &offer, terms);
    }
    return LC_OK;
}

enum lc_status ws_offer_read(const struct ws_deflate_config *config, const struct http_head *head,
                             struct ws_deflate_terms *out_terms)
{
    struct ws_deflate_terms terms = {.is_on = false};
    for (size_t i = 0; config->is_on && i < head->fields_count; i++) {
        struct bytes list = head->fields[i].value;
        struct bytes extension;
        while (bytes_equal_text(head->fields[i].name, "sec-websocket-extensions") &&
               http_list_next(&list, ',', &extension)) {
            if (read_extension(config, extension, &terms) != LC_OK) {
                return LC_ERR_BAD_INPUT;
            }
        }
    }
    *out_terms = terms;
    return LC_OK;
}

void ws_offer_append(const struct ws_deflate_terms *terms, struct buffer *out)
{
    if (!terms->is_on) {
        return;
    }
    buffer_append_text(out, "Sec-WebSocket-Extensions: permessage-deflate");
    if (terms->server_forgets) {
        buffer_append_text(out, "; server_no_context_takeover");
    }
    if (terms->client_forgets) {
        buffer_append_text(out, "; client_no_context_takeover");
    }
    if (terms->server_window_bits != 0) {
        buffer_append_format(out, "; server_max_window_bits=%u", terms->server_window_bits);
    }
    if (terms->client_window_bits != 0) {
        buffer_append_format(out, "; client_max_window_bits=%u", terms->client_window_bits);
    }
    buffer_append_text(out, "\r\n");
}
