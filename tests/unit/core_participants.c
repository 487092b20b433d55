// Participants that the staff adds, approves and limits, before a sale and in the middle of it.
#include "core_room.h"

static void open_room(struct room *room, enum registration registration)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.registration = registration;
    definition.roster = (struct roster_rules){true, 1000, 4, 100};
    room_open(room, &definition, lots, 2);
}

static struct participant_definition somebody(const char *id, const char *paddle)
{
    struct participant_definition participant = {.name = bytes_text("Ana")};
    snprintf(participant.id.text, sizeof participant.id.text, "%s", id);
    snprintf(participant.paddle, sizeof participant.paddle, "%s", paddle);
    return participant;
}

static enum error_code add(struct room *room, const struct participant_definition *participants,
                           size_t count)
{
    struct sale_command command = {.op = SALE_OP_ADD_PARTICIPANTS, .role = ROLE_CLERK};
    command.as.add_participants.participants = participants;
    command.as.add_participants.count = count;
    return room_command(room, &command);
}

static struct sale_command change_of(const char *id)
{
    struct sale_command command = {.op = SALE_OP_SET_PARTICIPANT, .role = ROLE_AUCTIONEER};
    snprintf(command.as.set_participant.participant.text,
             sizeof command.as.set_participant.participant.text, "%s", id);
    command.as.set_participant.status = -1;
    command.as.set_participant.budget_minor = -1;
    command.as.set_participant.slots = -1;
    command.as.set_participant.limit_minor = -1;
    return command;
}

static void expect_refused_item(const struct room *room, size_t at, const char *member)
{
    assert_string_equal(room->decision.detail_list, "participants");
    assert_int_equal(room->decision.detail_at, at);
    assert_string_equal(room->decision.detail, member);
    assert_int_equal(room->sale->participants_count, 0);
}

static void those_added_have_the_given_ids_and_paddles_or_the_next_free_ones(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    struct participant_definition five[] = {somebody("", ""), somebody("", "1"),
                                            somebody("team-red", ""), somebody("p1", "R1"),
                                            somebody("", "4")};
    five[1].budget_minor = 500;
    five[1].slots = 2;
    five[1].limit_minor = 300;
    expect_code(add(&room, five, 5), ERROR_NONE);
    expect_facts(&room, EVENT_PARTICIPANTS_ADDED);
    static const struct {
        const char *id;
        const char *paddle;
    } expected[] = {{"p2", "2"}, {"p3", "1"}, {"team-red", "5"}, {"p1", "R1"}, {"p6", "4"}};
    for (int64_t i = 0; i < 5; i++) {
        const struct participant *participant = room_bidder(&room, i + 1);
        assert_string_equal(participant->id.text, expected[i].id);
        assert_string_equal(participant->paddle, expected[i].paddle);
        assert_string_equal(participant->name, "Ana");
        assert_int_equal(participant->status, PARTICIPANT_ACCEPTED);
        assert_int_equal(sale_participant_index(room.sale, &participant->id), i);
    }
    assert_int_equal(room_bidder(&room, 2)->budget_minor, 500);
    assert_int_equal(room_bidder(&room, 2)->slots, 2);
    assert_int_equal(room_bidder(&room, 2)->limit_minor, 300);
    room_join(&room, 1); // the sixth, whose id is taken
    assert_string_equal(room_bidder(&room, 6)->id.text, "p7");
    assert_string_equal(room_bidder(&room, 6)->paddle, "7");
    struct participant_definition seventh[] = {somebody("p8", "8"), somebody("x", "9")};
    expect_code(add(&room, seventh, 2), ERROR_NONE);
    room_join(&room, 1); // the ninth, whose paddle is taken
    assert_string_equal(room_bidder(&room, 9)->id.text, "p10");
    assert_string_equal(room_bidder(&room, 9)->paddle, "10");
    room_close(&room);
}

static void a_second_participant_with_an_id_or_paddle_is_refused_and_nobody_added(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    struct participant_definition two[] = {somebody("a", "1"), somebody("a", "2")};
    expect_code(add(&room, two, 2), ERROR_PARTICIPANT_EXISTS);
    expect_refused_item(&room, 1, "id");
    two[1] = somebody("b", "1");
    expect_code(add(&room, two, 2), ERROR_PARTICIPANT_EXISTS);
    expect_refused_item(&room, 1, "paddle");
    expect_code(add(&room, two, 1), ERROR_NONE);
    expect_code(add(&room, two, 1), ERROR_PARTICIPANT_EXISTS);
    two[0] = somebody("c", "1");
    expect_code(add(&room, two, 1), ERROR_PARTICIPANT_EXISTS);
    assert_string_equal(room.decision.detail, "paddle");
    assert_int_equal(room.sale->participants_count, 1);
    room_close(&room);
}

static void each_wrong_member_of_a_participant_is_named(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    expect_code(add(&room, NULL, 0), ERROR_BAD_DEFINITION);
    struct participant_definition good = somebody("a", "1");
    struct {
        struct participant_definition participant;
        const char *member;
    } cases[] = {{good, "id"},     {good, "paddle"}, {good, "name"},
                 {good, "budget"}, {good, "budget"}, {good, "slots"},
                 {good, "slots"},  {good, "limit"},  {good, "name"}};
    cases[0].participant.id = (struct participant_id){"a b"};
    cases[1].participant.paddle[0] = '\n';
    cases[2].participant.name = bytes_text("");
    cases[3].participant.budget_minor = AMOUNT_MINOR_MAX + 1;
    cases[4].participant.budget_minor = 399; // four slots at the minimum of 100
    cases[5].participant.slots = SALE_LOTS_MAX + 1;
    cases[6].participant.slots = 11; // of 1000 in all
    cases[7].participant.limit_minor = -1;
    cases[8].participant.name = bytes_text("A\nB");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct participant_definition both[] = {good, cases[i].participant};
        expect_code(add(&room, both, 2), ERROR_BAD_DEFINITION);
        expect_refused_item(&room, 1, cases[i].member);
    }
    room_close(&room);
}

static void five_thousand_participants_fit_and_one_more_does_not(void **state)
{
    (void)state;
    struct room room;
    static struct participant_definition many[SALE_PARTICIPANTS_MAX + 1];
    for (size_t i = 0; i <= SALE_PARTICIPANTS_MAX; i++) {
        many[i] = somebody("", i % 3 == 0 ? "" : "x");
        if (i % 3 != 0) {
            snprintf(many[i].paddle, sizeof many[i].paddle, "x%d", (int)i);
        }
    }
    open_room(&room, REGISTRATION_OPEN);
    expect_code(add(&room, many, SALE_PARTICIPANTS_MAX + 1), ERROR_TOO_MANY);
    expect_code(add(&room, many, 1), ERROR_NONE);
    expect_code(add(&room, many + 1, SALE_PARTICIPANTS_MAX - 1), ERROR_NONE);
    assert_int_equal(room.decision.events_count, 5); // a fact holds a thousand
    assert_int_equal(room.sale->participants_count, SALE_PARTICIPANTS_MAX);
    expect_code(add(&room, many, 1), ERROR_TOO_MANY);
    struct sale_command join = {.op = SALE_OP_JOIN};
    room_join(&room, 0);
    join.as.join.invite_hash[0] = 1;
    join.as.join.name = bytes_text("Bo");
    expect_code(room_command(&room, &join), ERROR_TOO_MANY);
    room_close(&room);
}

static void who_joins_a_sale_with_approval_waits_and_may_not_bid(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_APPROVAL);
    room_join(&room, 2);
    assert_int_equal(room_bidder(&room, 1)->status, PARTICIPANT_PENDING);
    struct participant_definition added = somebody("vip", "V");
    expect_code(add(&room, &added, 1), ERROR_NONE); // whom the staff adds is approved
    assert_int_equal(room_bidder(&room, 3)->status, PARTICIPANT_ACCEPTED);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_FORBIDDEN);
    struct sale_command approve = change_of("p1");
    approve.as.set_participant.status = PARTICIPANT_ACCEPTED;
    expect_code(room_command(&room, &approve), ERROR_NONE);
    expect_facts(&room, EVENT_PARTICIPANT_CHANGED);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE); // at once
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_FORBIDDEN);
    room_block(&room, "p2", true);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_FORBIDDEN);
    room_block(&room, "p2", false); // the old op: he is accepted now
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    room_close(&room);
}

static void a_change_leaves_what_it_does_not_name(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    room_join(&room, 1);
    struct sale_command change = change_of("p1");
    change.as.set_participant.budget_minor = 700;
    change.as.set_participant.slots = 3;
    change.as.set_participant.limit_minor = 600;
    expect_code(room_command(&room, &change), ERROR_NONE);
    change = change_of("p1");
    change.as.set_participant.status = PARTICIPANT_BLOCKED;
    expect_code(room_command(&room, &change), ERROR_NONE);
    const struct participant *participant = room_bidder(&room, 1);
    assert_int_equal(participant->status, PARTICIPANT_BLOCKED);
    assert_int_equal(participant->budget_minor, 700);
    assert_int_equal(participant->slots, 3);
    assert_int_equal(participant->limit_minor, 600);
    change = change_of("p1");
    change.as.set_participant.slots = 0; // the roster's again
    expect_code(room_command(&room, &change), ERROR_NONE);
    assert_int_equal(participant->slots, 0);
    assert_int_equal(participant->status, PARTICIPANT_BLOCKED);
    room_close(&room);
}

static void a_change_with_a_wrong_member_is_refused_by_its_name(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    room_join(&room, 1);
    struct sale_command change = change_of("p2");
    expect_code(room_command(&room, &change), ERROR_NOT_FOUND);
    assert_string_equal(room.decision.detail, "participant");
    struct {
        int64_t status;
        int64_t budget_minor;
        int64_t slots;
        int64_t limit_minor;
        const char *member;
    } cases[] = {{3, -1, -1, -1, "status"},   {-2, -1, -1, -1, "status"},
                 {-1, -2, -1, -1, "budget"},  {-1, AMOUNT_MINOR_MAX + 1, -1, -1, "budget"},
                 {-1, 399, -1, -1, "budget"}, {-1, -1, 11, -1, "slots"},
                 {-1, -1, -2, -1, "slots"},   {-1, -1, -1, AMOUNT_MINOR_MAX + 1, "limit"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        change = change_of("p1");
        change.as.set_participant.status = cases[i].status;
        change.as.set_participant.budget_minor = cases[i].budget_minor;
        change.as.set_participant.slots = cases[i].slots;
        change.as.set_participant.limit_minor = cases[i].limit_minor;
        expect_code(room_command(&room, &change), ERROR_BAD_REQUEST);
        assert_string_equal(room.decision.detail, cases[i].member);
    }
    change = change_of("p1");
    change.role = ROLE_CLERK;
    expect_code(room_command(&room, &change), ERROR_FORBIDDEN);
    room_close(&room);
}

static void facts_of_participants_that_cannot_follow_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, REGISTRATION_OPEN);
    room_join(&room, 1);
    struct participant_definition two[] = {somebody("a", "2"), somebody("p1", "3")};
    struct sale_event event = {.kind = EVENT_PARTICIPANTS_ADDED, .at_ms = room.now_ms};
    event.as.participants_added.participants = two;
    event.as.participants_added.count = 2;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT); // p1 is there
    two[1] = somebody("", "3");
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    two[1] = somebody("b", "");
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    event.as.participants_added.count = 0;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    assert_int_equal(room.sale->participants_count, 1);
    event = (struct sale_event){.kind = EVENT_PARTICIPANT_CHANGED, .at_ms = room.now_ms};
    event.as.participant_changed.participant = (struct participant_id){"p2"};
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    event.as.participant_changed.participant = (struct participant_id){"p1"};
    event.as.participant_changed.budget_minor = -1;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    room_close(&room);
}

static void a_sale_is_created_with_its_lots_and_participants_or_not_at_all(void **state)
{
    (void)state;
    struct decision decision;
    static struct lot_definition lots[SALE_LOTS_MAX + 1];
    struct participant_definition two[] = {somebody("a", "1"), somebody("b", "1")};
    for (size_t i = 0; i <= SALE_LOTS_MAX; i++) {
        lots[i] = room_lot(100);
    }
    struct sale_plan plan = {.definition = room_definition(),
                             .lots = lots,
                             .lots_count = SALE_LOTS_MAX,
                             .participants = two,
                             .participants_count = 2};
    sale_decide_plan(&plan, 1, 1, &decision);
    expect_code(decision.refusal, ERROR_PARTICIPANT_EXISTS);
    assert_int_equal(decision.events_count, 0);
    decision_release(&decision);
    two[1] = somebody("b", "");
    sale_decide_plan(&plan, 1, 1, &decision);
    expect_code(decision.refusal, ERROR_NONE);
    assert_int_equal(decision.events_count, 2 + SALE_LOTS_MAX / ADD_LOTS_MAX + 1);
    struct sale *sale = sale_create();
    for (size_t i = 0; i < decision.events_count; i++) {
        assert_int_equal(sale_apply(sale, &decision.events[i]), LC_OK);
    }
    assert_int_equal(sale->lots_count, SALE_LOTS_MAX);
    assert_string_equal(sale->participants[1].paddle, "2");
    decision_release(&decision);
    sale_destroy(sale);
    plan.lots_count = SALE_LOTS_MAX + 1;
    sale_decide_plan(&plan, 1, 1, &decision);
    expect_code(decision.refusal, ERROR_TOO_MANY);
    decision_release(&decision);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_added_have_the_given_ids_and_paddles_or_the_next_free_ones),
        cmocka_unit_test(a_second_participant_with_an_id_or_paddle_is_refused_and_nobody_added),
        cmocka_unit_test(each_wrong_member_of_a_participant_is_named),
        cmocka_unit_test(five_thousand_participants_fit_and_one_more_does_not),
        cmocka_unit_test(who_joins_a_sale_with_approval_waits_and_may_not_bid),
        cmocka_unit_test(a_change_leaves_what_it_does_not_name),
        cmocka_unit_test(a_change_with_a_wrong_member_is_refused_by_its_name),
        cmocka_unit_test(facts_of_participants_that_cannot_follow_are_corrupt),
        cmocka_unit_test(a_sale_is_created_with_its_lots_and_participants_or_not_at_all),
    };
    return cmocka_run_group_tests_name("participants", tests, NULL, NULL);
}
