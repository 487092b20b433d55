// Who takes part and what is sold: invitations, joining, blocking, adding lots.
#include "core_room.h"

static void open_lobby(struct room *room)
{
    struct sale_definition definition = room_definition();
    room_open(room, &definition, NULL, 0);
}

static struct sale_command invite_command(uint8_t key, enum role role)
{
    struct sale_command command = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    command.as.create_invite.hash[31] = key;
    command.as.create_invite.role = role;
    return command;
}

static enum error_code join(struct room *room, uint8_t key, const char *name)
{
    struct sale_command command = {.op = SALE_OP_JOIN};
    command.as.join.invite_hash[31] = key;
    command.as.join.name = bytes_text(name);
    return room_command(room, &command);
}

static void participants_are_numbered_in_the_order_of_joining(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    expect_code(room_command(&room, &invite), ERROR_NONE);
    expect_code(join(&room, 1, "Ana"), ERROR_NONE);
    assert_string_equal(room.decision.joined.text, "p1");
    assert_int_equal(room.decision.joined_role, ROLE_BIDDER);
    expect_code(join(&room, 1, "Ana"), ERROR_NONE);
    assert_string_equal(room.decision.joined.text, "p2");
    assert_string_equal(room_bidder(&room, 2)->paddle, "2");
    assert_string_equal(room_bidder(&room, 2)->name, "Ana");
    assert_int_equal(sale_participant_index(room.sale, &(struct participant_id){"p2"}), 1);
    assert_int_equal(sale_participant_index(room.sale, &(struct participant_id){"p3"}), -1);
    assert_int_equal(sale_participant_index(room.sale, &(struct participant_id){""}), -1);
    room_close(&room);
}

static void uses_and_end_of_an_invitation_have_their_largest_value(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    invite.as.create_invite.uses = INVITE_USES_MAX;
    invite.as.create_invite.expires_at_ms = TIME_MS_MAX;
    expect_code(room_command(&room, &invite), ERROR_NONE);
    invite = invite_command(2, ROLE_BIDDER);
    invite.as.create_invite.uses = INVITE_USES_MAX + 1;
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "uses");
    invite.as.create_invite.uses = 0;
    invite.as.create_invite.expires_at_ms = TIME_MS_MAX + 1;
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "expires_at");
    room_close(&room);
}

static void an_invitation_ends_with_its_uses_and_its_time(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    invite.as.create_invite.uses = 2;
    invite.as.create_invite.expires_at_ms = room.now_ms + 1000;
    expect_code(room_command(&room, &invite), ERROR_NONE);
    expect_code(join(&room, 2, "Ana"), ERROR_INVITE_INVALID); // another one
    expect_code(join(&room, 1, "Ana"), ERROR_NONE);
    expect_code(join(&room, 1, "Bo"), ERROR_NONE);
    expect_code(join(&room, 1, "Cy"), ERROR_INVITE_INVALID);
    invite = invite_command(2, ROLE_BIDDER);
    invite.as.create_invite.expires_at_ms = room.now_ms + 1000;
    expect_code(room_command(&room, &invite), ERROR_NONE);
    room.now_ms += 999;
    expect_code(join(&room, 2, "Cy"), ERROR_NONE);
    room.now_ms += 1;
    expect_code(join(&room, 2, "Di"), ERROR_INVITE_INVALID);
    room_close(&room);
}

static void viewers_and_staff_do_not_become_participants(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    static const enum role roles[] = {ROLE_VIEWER, ROLE_CLERK, ROLE_AUCTIONEER, ROLE_ADMIN};
    for (uint8_t i = 0; i < 4; i++) {
        struct sale_command invite = invite_command((uint8_t)(i + 1), roles[i]);
        invite.as.create_invite.uses = 1;
        int64_t seq = room.sale->seq;
        expect_code(room_command(&room, &invite), ERROR_NONE);
        expect_code(join(&room, (uint8_t)(i + 1), "Val"), ERROR_NONE);
        expect_facts(&room, EVENT_INVITE_USED);
        assert_string_equal(room.decision.joined.text, "");
        assert_int_equal(room.decision.joined_role, roles[i]);
        assert_int_equal(room.sale->seq, seq); // nothing public happened
        expect_code(join(&room, (uint8_t)(i + 1), "Val"), ERROR_INVITE_INVALID);
    }
    assert_int_equal(room.sale->participants_count, 0);
    room_close(&room);
}

static void a_personal_invitation_restores_the_same_participant(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    room_join(&room, 2);
    struct sale_command invite = invite_command(9, ROLE_BIDDER);
    invite.as.create_invite.participant = (struct participant_id){"p2"};
    expect_code(room_command(&room, &invite), ERROR_NONE);
    expect_code(join(&room, 9, "Second device"), ERROR_NONE);
    assert_string_equal(room.decision.joined.text, "p2");
    assert_int_equal(room.sale->participants_count, 2);
    assert_string_equal(room_bidder(&room, 2)->name, "Ana");
    room_block(&room, "p2", true);
    expect_code(join(&room, 9, "Again"), ERROR_FORBIDDEN);
    invite = invite_command(8, ROLE_BIDDER);
    invite.as.create_invite.participant = (struct participant_id){"p1"};
    expect_code(room_command(&room, &invite), ERROR_NONE);
    room_block(&room, "p1", true);
    expect_code(join(&room, 8, "First"), ERROR_FORBIDDEN);
    room_block(&room, "p1", false);
    expect_code(join(&room, 8, "First"), ERROR_NONE);
    assert_string_equal(room.decision.joined.text, "p1");
    room_close(&room);
}

static void a_personal_invitation_may_name_a_new_participant(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    invite.as.create_invite.participant = (struct participant_id){"team-red"};
    expect_code(room_command(&room, &invite), ERROR_NONE);
    room_join(&room, 1);
    expect_code(join(&room, 1, "Red"), ERROR_NONE);
    assert_string_equal(room.decision.joined.text, "team-red");
    assert_string_equal(room_bidder(&room, 2)->paddle, "2");
    room_join(&room, 1);
    assert_string_equal(room_bidder(&room, 3)->id.text, "p3");
    expect_code(join(&room, 1, "Red"), ERROR_NONE); // restored
    assert_string_equal(room.decision.joined.text, "team-red");
    assert_int_equal(room.sale->participants_count, 3);
    invite = invite_command(2, ROLE_BIDDER); // p4 will be given to somebody else
    invite.as.create_invite.participant = (struct participant_id){"p4"};
    expect_code(room_command(&room, &invite), ERROR_NOT_FOUND);
    room_close(&room);
}

static void an_invitation_with_a_wrong_member_is_refused_by_its_name(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_NONE);
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "role");
    invite = invite_command(1, ROLE_VIEWER); // a viewer is nobody in particular
    invite.as.create_invite.participant = (struct participant_id){"ana"};
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "role");
    invite = invite_command(1, ROLE_BIDDER);
    invite.as.create_invite.uses = -1;
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "uses");
    invite.as.create_invite.uses = 0;
    invite.as.create_invite.expires_at_ms = room.now_ms;
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "expires_at");
    invite.as.create_invite.expires_at_ms = 0;
    expect_code(room_command(&room, &invite), ERROR_NONE);
    expect_code(room_command(&room, &invite), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "invite_hash");
    room_close(&room);
}

static void an_auctioneer_cannot_invite_an_admin(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_ADMIN);
    invite.role = ROLE_AUCTIONEER;
    expect_code(room_command(&room, &invite), ERROR_FORBIDDEN);
    invite.as.create_invite.role = ROLE_AUCTIONEER;
    expect_code(room_command(&room, &invite), ERROR_NONE);
    room_close(&room);
}

static void a_name_is_one_line_of_at_most_60_bytes(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    expect_code(room_command(&room, &invite), ERROR_NONE);
    char long_name[PARTICIPANT_NAME_SIZE_MAX + 2];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    const char *bad[] = {"", "a\tb", "\xC3", long_name};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_code(join(&room, 1, bad[i]), ERROR_BAD_REQUEST);
        assert_string_equal(room.decision.detail, "name");
        assert_string_equal(room.decision.joined.text, "");
    }
    long_name[sizeof long_name - 2] = 0;
    expect_code(join(&room, 1, long_name), ERROR_NONE);
    expect_code(join(&room, 3, ""), ERROR_INVITE_INVALID); // tells nothing before the invitation
    room_close(&room);
}

static void participants_and_invitations_have_a_limit(void **state)
{
    (void)state;
    struct sale *sale = sale_create();
    struct decision decision;
    struct sale_definition definition = room_definition();
    sale_decide_create(&definition, NULL, 0, 1, 1, &decision);
    for (size_t i = 0; i < decision.events_count; i++) {
        assert_int_equal(sale_apply(sale, &decision.events[i]), LC_OK);
    }
    struct sale_command invite = invite_command(1, ROLE_BIDDER);
    struct sale_command come = {.op = SALE_OP_JOIN};
    come.as.join.invite_hash[31] = 1;
    come.as.join.name = bytes_text("Ana");
    for (int i = 0; i <= SALE_INVITES_MAX; i++) {
        memcpy(invite.as.create_invite.hash, &i, sizeof i);
        invite.as.create_invite.hash[31] = i == 0 ? 1 : 0;
        sale_decide(sale, &invite, 1, &decision);
        expect_code(decision.refusal, i < SALE_INVITES_MAX ? ERROR_NONE : ERROR_TOO_MANY);
        if (decision.refusal == ERROR_NONE) {
            assert_int_equal(sale_apply(sale, &decision.events[0]), LC_OK);
        }
    }
    for (int i = 0; i <= SALE_PARTICIPANTS_MAX; i++) {
        sale_decide(sale, &come, 1, &decision);
        expect_code(decision.refusal, i < SALE_PARTICIPANTS_MAX ? ERROR_NONE : ERROR_TOO_MANY);
        if (decision.refusal == ERROR_NONE) {
            assert_int_equal(sale_apply(sale, &decision.events[0]), LC_OK);
        }
    }
    assert_int_equal(sale_participant_index(sale, &(struct participant_id){"p5000"}), 4999);
    sale_destroy(sale);
}

static void an_unknown_participant_cannot_be_blocked(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct sale_command command = {.op = SALE_OP_BLOCK, .role = ROLE_ADMIN};
    command.as.block.participant = (struct participant_id){"p1"};
    expect_code(room_command(&room, &command), ERROR_NOT_FOUND);
    room_close(&room);
}

static enum error_code add_lots(struct room *room, const struct lot_definition *lots, size_t count)
{
    struct sale_command command = {.op = SALE_OP_ADD_LOTS, .role = ROLE_AUCTIONEER};
    command.as.add_lots.lots = lots;
    command.as.add_lots.count = count;
    return room_command(room, &command);
}

static void lots_without_id_and_number_get_the_next_ones(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct lot_definition lots[] = {room_lot(1), room_lot(2), room_lot(3)};
    lots[1].no = 7;
    lots[2].id = (struct lot_id){"vase"};
    expect_code(add_lots(&room, lots, 3), ERROR_NONE);
    expect_facts(&room, EVENT_LOTS_ADDED);
    expect_code(add_lots(&room, lots, 1), ERROR_NONE);
    static const struct {
        const char *id;
        int64_t no;
    } expected[] = {{"l1", 1}, {"l7", 7}, {"vase", 8}, {"l9", 9}};
    for (int64_t i = 0; i < 4; i++) {
        assert_string_equal(room_lot_at(&room, i)->id.text, expected[i].id);
        assert_int_equal(room_lot_at(&room, i)->no, expected[i].no);
        assert_int_equal(sale_lot_index(room.sale, &room_lot_at(&room, i)->id), i);
    }
    room_close(&room);
}

static void a_second_lot_with_an_id_or_number_is_refused_and_nothing_added(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct lot_definition lots[] = {room_lot(1), room_lot(2)};
    lots[0].id = lots[1].id = (struct lot_id){"vase"};
    expect_code(add_lots(&room, lots, 2), ERROR_LOT_EXISTS);
    lots[1].id = (struct lot_id){"lamp"};
    lots[0].no = lots[1].no = 4;
    expect_code(add_lots(&room, lots, 2), ERROR_LOT_EXISTS);
    lots[1].no = 5;
    expect_code(add_lots(&room, lots, 2), ERROR_NONE);
    expect_code(add_lots(&room, &lots[1], 1), ERROR_LOT_EXISTS);
    struct lot_definition again = room_lot(1);
    again.no = 5;
    expect_code(add_lots(&room, &again, 1), ERROR_LOT_EXISTS);
    assert_int_equal(room.sale->lots_count, 2);
    room_close(&room);
}

static void lots_are_added_in_the_lobby_only_and_within_limits(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    expect_code(add_lots(&room, NULL, 0), ERROR_BAD_DEFINITION);
    struct lot_definition lot = room_lot(0);
    expect_code(add_lots(&room, &lot, 1), ERROR_BAD_DEFINITION);
    assert_string_equal(room.decision.detail, "opening");
    lot.opening_minor = 1;
    lot.no = LOT_NO_MAX;
    expect_code(add_lots(&room, &lot, 1), ERROR_NONE);
    lot.no = 0; // the next number would be too large
    expect_code(add_lots(&room, &lot, 1), ERROR_BAD_DEFINITION);
    assert_string_equal(room.decision.detail, "no");
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(add_lots(&room, &lot, 1), ERROR_WRONG_PHASE);
    room_close(&room);
}

static void a_lot_must_go_together_with_its_sale_and_the_wrong_one_is_named(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct lot_definition bad[6];
    static const char *const members[] = {"quantity",     "match_holder", "reserve",
                                          "rules.format", "duration_ms",  "rules.price_step"};
    for (size_t i = 0; i < 6; i++) {
        bad[i] = room_lot(100);
        bad[i].has_rules = i >= 2;
        bad[i].rules = room.sale->definition.rules.lot;
    }
    bad[0].quantity = 2;
    bad[1].match_holder = (struct participant_id){"r"};
    bad[2].rules.format = FORMAT_DUTCH;
    bad[2].rules.price_step_minor = bad[2].rules.price_tick_ms = 1;
    bad[2].reserve_minor = 101;
    bad[3].rules.format = FORMAT_CANDLE; // nothing was drawn when the sale was made
    bad[3].rules.candle_ending_ms = 1;
    bad[4].rules.warning_ms[0] = 5000;
    bad[4].duration_ms = 5000;
    bad[5].rules.format = FORMAT_JAPANESE;
    for (size_t i = 0; i < 6; i++) {
        struct lot_definition lots[] = {room_lot(100), bad[i]};
        expect_code(add_lots(&room, lots, 2), ERROR_BAD_DEFINITION);
        assert_string_equal(room.decision.detail, members[i]);
        assert_string_equal(room.decision.detail_list, "lots");
        assert_int_equal(room.decision.detail_at, 1);
    }
    assert_int_equal(room.sale->lots_count, 0);
    room_close(&room);
    struct sale_definition definition = room_definition();
    definition.seed[31] = 1;
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 1;
    room_open(&room, &definition, &bad[3], 1);
    expect_code(add_lots(&room, &bad[1], 1), ERROR_NONE);
    room_close(&room);
}

static void a_fact_of_lots_that_cannot_follow_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    open_lobby(&room);
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[0].id = (struct lot_id){"vase"};
    expect_code(add_lots(&room, lots, 2), ERROR_NONE); // vase and l2
    struct sale_event event = {.kind = EVENT_LOTS_ADDED, .at_ms = room.now_ms};
    event.as.lots_added.lots = lots;
    event.as.lots_added.count = 2;
    lots[0].id = (struct lot_id){"lamp"};
    lots[0].no = 3;
    lots[1].id = (struct lot_id){"vase"};
    lots[1].no = 4;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT); // vase is there
    lots[1].id = (struct lot_id){""};
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    lots[1].id = (struct lot_id){"bowl"};
    lots[1].opening_minor = 0;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    event.as.lots_added.count = 0;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    assert_int_equal(room.sale->lots_count, 2);
    event.as.lots_added.count = 1;
    assert_int_equal(sale_apply(room.sale, &event), LC_OK);
    room_close(&room);
}

static void ten_thousand_lots_fit_and_one_more_does_not(void **state)
{
    (void)state;
    struct room room;
    static struct lot_definition lots[ADD_LOTS_MAX + 1];
    for (size_t i = 0; i <= ADD_LOTS_MAX; i++) {
        lots[i] = room_lot(100);
    }
    open_lobby(&room);
    expect_code(add_lots(&room, lots, ADD_LOTS_MAX + 1), ERROR_NONE);
    expect_facts(&room, EVENT_LOTS_ADDED, EVENT_LOTS_ADDED); // a fact holds a thousand
    for (int i = 0; i < SALE_LOTS_MAX / ADD_LOTS_MAX - 2; i++) {
        expect_code(add_lots(&room, lots, ADD_LOTS_MAX), ERROR_NONE);
    }
    expect_code(add_lots(&room, lots, ADD_LOTS_MAX), ERROR_TOO_MANY);
    assert_int_equal(room.sale->lots_count, SALE_LOTS_MAX - ADD_LOTS_MAX + 1);
    expect_code(add_lots(&room, lots, ADD_LOTS_MAX - 1), ERROR_NONE);
    expect_code(add_lots(&room, lots, 1), ERROR_TOO_MANY);
    assert_int_equal(sale_lot_index(room.sale, &(struct lot_id){"l10000"}), 9999);
    room_close(&room);
}

static void a_definition_is_refused_with_its_first_wrong_member(void **state)
{
    (void)state;
    struct decision decision;
    struct sale_definition definition = room_definition();
    definition.rules.gap_ms = -1;
    sale_decide_create(&definition, NULL, 0, 1, 1, &decision);
    expect_code(decision.refusal, ERROR_BAD_DEFINITION);
    assert_string_equal(decision.detail, "rules.gap_ms");
    definition = room_definition();
    struct lot_definition lots[] = {room_lot(1), room_lot(1)};
    lots[0].id = lots[1].id = (struct lot_id){"vase"};
    sale_decide_create(&definition, lots, 2, 1, 1, &decision);
    expect_code(decision.refusal, ERROR_LOT_EXISTS);
    assert_int_equal(decision.events_count, 0);
    decision_release(&decision);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(participants_are_numbered_in_the_order_of_joining),
        cmocka_unit_test(uses_and_end_of_an_invitation_have_their_largest_value),
        cmocka_unit_test(an_invitation_ends_with_its_uses_and_its_time),
        cmocka_unit_test(viewers_and_staff_do_not_become_participants),
        cmocka_unit_test(a_personal_invitation_restores_the_same_participant),
        cmocka_unit_test(a_personal_invitation_may_name_a_new_participant),
        cmocka_unit_test(an_invitation_with_a_wrong_member_is_refused_by_its_name),
        cmocka_unit_test(an_auctioneer_cannot_invite_an_admin),
        cmocka_unit_test(a_name_is_one_line_of_at_most_60_bytes),
        cmocka_unit_test(participants_and_invitations_have_a_limit),
        cmocka_unit_test(an_unknown_participant_cannot_be_blocked),
        cmocka_unit_test(lots_without_id_and_number_get_the_next_ones),
        cmocka_unit_test(a_second_lot_with_an_id_or_number_is_refused_and_nothing_added),
        cmocka_unit_test(lots_are_added_in_the_lobby_only_and_within_limits),
        cmocka_unit_test(a_lot_must_go_together_with_its_sale_and_the_wrong_one_is_named),
        cmocka_unit_test(a_fact_of_lots_that_cannot_follow_is_corrupt),
        cmocka_unit_test(ten_thousand_lots_fit_and_one_more_does_not),
        cmocka_unit_test(a_definition_is_refused_with_its_first_wrong_member),
    };
    return cmocka_run_group_tests_name("registration", tests, NULL, NULL);
}
