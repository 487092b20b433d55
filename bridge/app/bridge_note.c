#include "bridge/app/bridge_note.h"

#include "bridge/app/json_slice.h"
#include "bridge/app/viewer_move.h"
#include "bridge/app/viewer_restore.h"

void bridge_note_begin(struct buffer *out, const char *kind, struct bytes sid)
{
    buffer_init(out, BRIDGE_NOTE_SIZE_MAX);
    buffer_append_format(out, "{\"note\":\"%s\",\"sid\":\"%.*s\"", kind, (int)sid.size,
                         (const char *)sid.data);
}

void bridge_note_send(struct auction_app *app, const char *node_or_null, struct buffer *note)
{
    const struct outside *outside = app->outside;
    if (buffer_status(note) == LC_OK &&
        outside->send_note(outside->context, node_or_null, buffer_bytes(note)) == LC_OK) {
        app->metrics.notes_sent++;
    } else {
        app->metrics.notes_lost++;
    }
    buffer_release(note);
}

void bridge_note_take(struct auction_app *app, struct bytes from, struct bytes note)
{
    struct bytes kind = json_slice_member(note, "note");
    if (bytes_equal_text(kind, "\"restored\"")) {
        viewer_take_restored_note(app, from, note);
    } else if (bytes_equal_text(kind, "\"ended\"")) {
        viewer_take_ended_note(app, note);
    } else if (bytes_equal_text(kind, "\"reply\"")) {
        viewer_take_reply_note(app, note);
    } // a kind of a later version says nothing to this one
}
