#include "bridge/http/cors_policy.h"

static bool is_listed(const struct cors_policy *policy, struct bytes origin)
{
    for (const char *const *one = policy->origins; one != NULL && *one != NULL; one++) {
        if (bytes_equal_text(origin, *one)) {
            return true;
        }
    }
    return false;
}

bool cors_allows(const struct cors_policy *policy, struct bytes origin)
{
    if (origin.size == 0) {
        return true;
    }
    switch (policy->kind) {
    case CORS_OFF:
        return false;
    case CORS_ANY:
    case CORS_REFLECT:
        return true;
    case CORS_FIXED:
    case CORS_LISTED:
        break;
    }
    return is_listed(policy, origin);
}

static void append_line(struct buffer *out, const char *name, struct bytes value)
{
    if (value.size > 0) {
        buffer_append_text(out, name);
        buffer_append_text(out, ": ");
        buffer_append(out, value);
        buffer_append_text(out, "\r\n");
    }
}

static struct bytes told_origin(const struct cors_policy *policy, struct bytes origin)
{
    switch (policy->kind) {
    case CORS_OFF:
        break;
    case CORS_ANY:
        return bytes_text("*");
    case CORS_FIXED:
        return bytes_text(policy->origins[0]);
    case CORS_LISTED:
    case CORS_REFLECT:
        return cors_allows(policy, origin) ? origin : bytes_text("");
    }
    return bytes_text("");
}

static void append_origin(const struct cors_policy *policy, struct bytes origin, struct buffer *out)
{
    append_line(out, "Access-Control-Allow-Origin", told_origin(policy, origin));
    if (policy->allows_credentials) {
        append_line(out, "Access-Control-Allow-Credentials", bytes_text("true"));
    }
}

static void append_exposed(const struct cors_policy *policy, struct buffer *out)
{
    if (policy->exposed_headers != NULL) {
        append_line(out, "Access-Control-Expose-Headers", bytes_text(policy->exposed_headers));
    }
}

// A cache has to keep the answers for different origins apart, even those that name none.
static void append_vary(const struct cors_policy *policy, bool depends_on_headers,
                        struct buffer *out)
{
    bool depends_on_origin = policy->kind != CORS_ANY;
    if (depends_on_origin || depends_on_headers) {
        buffer_append_format(out, "Vary: %s%s%s\r\n", depends_on_origin ? "Origin" : "",
                             depends_on_origin && depends_on_headers ? ", " : "",
                             depends_on_headers ? "Access-Control-Request-Headers" : "");
    }
}

void cors_append(const struct cors_policy *policy, struct bytes origin, struct buffer *out)
{
    if (policy->kind == CORS_OFF) {
        return;
    }
    append_origin(policy, origin, out);
    append_vary(policy, false, out);
    append_exposed(policy, out);
}

void cors_append_preflight(const struct cors_policy *policy, struct bytes origin,
                           struct bytes requested_headers, struct buffer *out)
{
    if (policy->kind == CORS_OFF) {
        return;
    }
    const char *methods =
        policy->methods == NULL ? "GET,HEAD,PUT,PATCH,POST,DELETE" : policy->methods;
    bool echoes = policy->allowed_headers == NULL;
    append_origin(policy, origin, out);
    append_vary(policy, echoes, out);
    append_line(out, "Access-Control-Allow-Methods", bytes_text(methods));
    append_line(out, "Access-Control-Allow-Headers",
                echoes ? requested_headers : bytes_text(policy->allowed_headers));
    if (policy->has_max_age) {
        buffer_append_format(out, "Access-Control-Max-Age: %u\r\n", policy->max_age_s);
    }
    append_exposed(policy, out);
}

int cors_success_status(const struct cors_policy *policy)
{
    return policy->success_status == 0 ? CORS_SUCCESS_STATUS : policy->success_status;
}
