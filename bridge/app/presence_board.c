#include "bridge/app/presence_board.h"

void presence_board_init(struct presence_board *board,
                         void (*died)(void *context, const char *relay), void *context)
{
    *board = (struct presence_board){.died = died, .context = context};
}

void presence_board_release(struct presence_board *board)
{
    for (size_t i = 0; i < board->presences_count; i++) {
        free(board->presences[i].ids);
    }
    free(board->presences);
    board->presences = NULL;
    board->presences_count = 0;
}

static struct bridge_node *find_bridge(struct presence_board *board, const struct client_id *node)
{
    for (size_t i = 0; i < board->bridges_count; i++) {
        if (strcmp(board->bridges[i].node.text, node->text) == 0) {
            return &board->bridges[i];
        }
    }
    return NULL;
}

static bool is_alive(const struct presence_board *board, const struct client_id *node,
                     int64_t boot_ms)
{
    for (size_t i = 0; i < board->bridges_count; i++) {
        if (strcmp(board->bridges[i].node.text, node->text) == 0) {
            return boot_ms < board->bridges[i].alive_until_boot_ms;
        }
    }
    return false;
}

static void tell_death(const struct presence_board *board, const struct bridge_node *bridge)
{
    const char *names[] = {bridge->relay, bridge->former_relay};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (board->died != NULL && names[i][0] != 0) {
            board->died(board->context, names[i]);
        }
    }
}

// Whoever was there is expected at another bridge soon, and not missed until then.
static void let_linger(struct presence_board *board, const struct client_id *node, int64_t boot_ms)
{
    for (size_t i = 0; i < board->presences_count; i++) {
        struct bridge_presence *presence = &board->presences[i];
        if (strcmp(presence->node.text, node->text) == 0) {
            presence->lingers_until_boot_ms = boot_ms + PRESENCE_LINGER_MS;
            board->has_lingering = true;
        }
    }
}

static void bury(struct presence_board *board, struct bridge_node *bridge, int64_t boot_ms)
{
    struct bridge_node dead = *bridge;
    *bridge = board->bridges[--board->bridges_count];
    let_linger(board, &dead.node, boot_ms);
    tell_death(board, &dead);
}

// The names by which it is reached: a new process has new ones, a running one may add another.
static void take_names(const struct presence_board *board, struct bridge_node *bridge,
                       const struct bridge_beat *beat)
{
    if (bridge->since_ms != beat->since_ms) {
        struct bridge_node former = *bridge;
        bridge->since_ms = beat->since_ms;
        bridge->relay[0] = 0;
        bridge->former_relay[0] = 0;
        tell_death(board, &former);
    }
    if (strcmp(bridge->relay, beat->relay) != 0) {
        memcpy(bridge->former_relay, bridge->relay, sizeof bridge->former_relay);
        snprintf(bridge->relay, sizeof bridge->relay, "%s", beat->relay);
    }
}

bool presence_board_beat(struct presence_board *board, const struct bridge_beat *beat,
                         int64_t boot_ms)
{
    struct bridge_node *bridge = find_bridge(board, &beat->node);
    bool was_alive = bridge != NULL && boot_ms < bridge->alive_until_boot_ms;
    if (beat->life_ms <= 0) {
        if (bridge != NULL) {
            bury(board, bridge, boot_ms);
        }
        return was_alive;
    }
    if (bridge == NULL) {
        if (board->bridges_count == BRIDGES_MAX) {
            return false;
        }
        bridge = &board->bridges[board->bridges_count++];
        *bridge = (struct bridge_node){.node = beat->node, .since_ms = beat->since_ms};
    }
    bridge->alive_until_boot_ms = boot_ms + beat->life_ms;
    take_names(board, bridge, beat);
    return !was_alive;
}

bool presence_board_reaches(const struct presence_board *board, const char *relay)
{
    for (size_t i = 0; i < board->bridges_count && relay[0] != 0; i++) {
        if (strcmp(board->bridges[i].relay, relay) == 0 ||
            strcmp(board->bridges[i].former_relay, relay) == 0) {
            return true;
        }
    }
    return false;
}

void presence_board_excuse(struct presence_board *board, int64_t life_ms, int64_t boot_ms)
{
    for (size_t i = 0; i < board->bridges_count; i++) {
        struct bridge_node *bridge = &board->bridges[i];
        if (bridge->alive_until_boot_ms < boot_ms + life_ms) {
            bridge->alive_until_boot_ms = boot_ms + life_ms;
        }
    }
}

static struct bridge_presence *find_presence(const struct presence_board *board,
                                             const struct client_id *node,
                                             const struct sale_id *sale)
{
    for (size_t i = 0; i < board->presences_count; i++) {
        struct bridge_presence *presence = &board->presences[i];
        if (strcmp(presence->node.text, node->text) == 0 && sale_id_equal(&presence->sale, sale)) {
            return presence;
        }
    }
    return NULL;
}

void presence_board_set(struct presence_board *board, struct wire_presence *presence)
{
    struct bridge_presence *found = find_presence(board, &presence->node, &presence->sale);
    if (found == NULL && board->presences == NULL) {
        board->presences = calloc(PRESENCES_MAX, sizeof board->presences[0]);
    }
    if (found == NULL && (board->presences == NULL || board->presences_count == PRESENCES_MAX)) {
        free(presence->ids);
        presence->ids = NULL;
        return;
    }
    if (found == NULL) {
        found = &board->presences[board->presences_count++];
        *found = (struct bridge_presence){.node = presence->node, .sale = presence->sale};
    }
    free(found->ids);
    found->lingers_until_boot_ms = 0;
    found->count = presence->count;
    found->ids = presence->ids;
    found->ids_count = presence->ids_count;
    presence->ids = NULL;
}

static void remove_presence(struct presence_board *board, struct bridge_presence *presence)
{
    free(presence->ids);
    *presence = board->presences[--board->presences_count];
}

void presence_board_clear(struct presence_board *board, const struct client_id *node,
                          const struct sale_id *sale)
{
    struct bridge_presence *found = find_presence(board, node, sale);
    if (found != NULL && found->lingers_until_boot_ms == 0) { // else it goes by itself
        remove_presence(board, found);
    }
}

static bool end_lingering(struct presence_board *board, int64_t boot_ms)
{
    bool has_changed = false;
    bool has_more = false;
    for (size_t i = 0; board->has_lingering && i < board->presences_count;) {
        struct bridge_presence *presence = &board->presences[i];
        bool is_over =
            presence->lingers_until_boot_ms != 0 && boot_ms >= presence->lingers_until_boot_ms;
        if (is_over && !is_alive(board, &presence->node, boot_ms)) {
            remove_presence(board, presence);
            has_changed = true;
        } else {
            presence->lingers_until_boot_ms = is_over ? 0 : presence->lingers_until_boot_ms;
            has_more = has_more || presence->lingers_until_boot_ms != 0;
            i++;
        }
    }
    board->has_lingering = has_more;
    return has_changed;
}

bool presence_board_expire(struct presence_board *board, int64_t boot_ms)
{
    bool has_changed = end_lingering(board, boot_ms);
    for (size_t i = 0; i < board->bridges_count;) {
        if (boot_ms >= board->bridges[i].alive_until_boot_ms) {
            bury(board, &board->bridges[i], boot_ms);
            has_changed = true;
        } else {
            i++;
        }
    }
    return has_changed;
}

int64_t presence_board_deadline_ms(const struct presence_board *board)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < board->bridges_count; i++) {
        if (board->bridges[i].alive_until_boot_ms < earliest) {
            earliest = board->bridges[i].alive_until_boot_ms;
        }
    }
    for (size_t i = 0; board->has_lingering && i < board->presences_count; i++) {
        int64_t until_ms = board->presences[i].lingers_until_boot_ms;
        if (until_ms != 0 && until_ms < earliest) {
            earliest = until_ms;
        }
    }
    return earliest;
}

static int compare_ids(const void *a, const void *b)
{
    const struct participant_id *left = a;
    const struct participant_id *right = b;
    return strcmp(left->text, right->text);
}

// Of a dead bridge its participants only, for whom it does not matter that they are there twice.
static bool counts(const struct presence_board *board, const struct bridge_presence *presence,
                   int64_t boot_ms)
{
    return boot_ms < presence->lingers_until_boot_ms || is_alive(board, &presence->node, boot_ms);
}

enum lc_status presence_board_lobby(const struct presence_board *board, const struct sale_id *sale,
                                    int64_t local_count, const struct participant_id *local_ids,
                                    size_t local_ids_count, int64_t boot_ms,
                                    struct lobby *out_lobby)
{
    size_t total = local_ids_count;
    int64_t count = local_count;
    for (size_t i = 0; i < board->presences_count; i++) {
        const struct bridge_presence *presence = &board->presences[i];
        if (sale_id_equal(&presence->sale, sale) && counts(board, presence, boot_ms)) {
            bool is_dead = !is_alive(board, &presence->node, boot_ms);
            total += presence->ids_count;
            count += is_dead ? (int64_t)presence->ids_count : presence->count;
        }
    }
    struct participant_id *ids = calloc(total + 1, sizeof ids[0]);
    if (ids == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    size_t at = local_ids_count;
    if (local_ids_count > 0) {
        memcpy(ids, local_ids, local_ids_count * sizeof ids[0]);
    }
    for (size_t i = 0; i < board->presences_count; i++) {
        const struct bridge_presence *presence = &board->presences[i];
        if (presence->ids_count > 0 && sale_id_equal(&presence->sale, sale) &&
            counts(board, presence, boot_ms)) {
            memcpy(ids + at, presence->ids, presence->ids_count * sizeof ids[0]);
            at += presence->ids_count;
        }
    }
    qsort(ids, total, sizeof ids[0], compare_ids);
    size_t kept = 0;
    for (size_t i = 0; i < total; i++) {
        if (kept == 0 || strcmp(ids[kept - 1].text, ids[i].text) != 0) {
            ids[kept++] = ids[i];
        }
    }
    *out_lobby = (struct lobby){count - (int64_t)(total - kept), ids, kept};
    return LC_OK;
}
