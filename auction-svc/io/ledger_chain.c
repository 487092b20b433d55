#include "auction-svc/io/ledger_chain.h"

void ledger_chain_hash(const struct ledger_fact *fact, uint8_t out_hash[SHA256_SIZE])
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update_field(&hash, bytes_text("lotcast-ledger-1"));
    sha256_update_field(&hash, bytes_text(fact->sale.text));
    sha256_update_int64(&hash, fact->row);
    sha256_update_int64(&hash, fact->seq);
    sha256_update_field(&hash, fact->kind);
    sha256_update_int64(&hash, fact->at_ms);
    sha256_update_field(&hash, fact->fact);
    sha256_update_field(&hash, fact->name);
    sha256_update_field(&hash, fact->payload);
    sha256_update(&hash, bytes_of(fact->nonce, sizeof fact->nonce));
    sha256_update(&hash, bytes_of(fact->prev_hash, sizeof fact->prev_hash));
    sha256_final(&hash, out_hash);
}

const char *ledger_chain_follow(struct ledger_head *head, const struct ledger_fact *fact)
{
    if (fact->row != head->row + 1) {
        return "a row is missing";
    }
    if (fact->seq != 0 && fact->seq != head->seq + 1) {
        return "a seq is missing";
    }
    if ((fact->seq != 0) != (fact->name.size != 0)) {
        return "a public row has no event, or a private one has";
    }
    if (memcmp(fact->prev_hash, head->hash, sizeof head->hash) != 0) {
        return "the previous hash is another";
    }
    uint8_t hash[SHA256_SIZE];
    ledger_chain_hash(fact, hash);
    if (memcmp(hash, fact->hash, sizeof hash) != 0) {
        return "the row was altered";
    }
    head->row = fact->row;
    head->seq = fact->seq != 0 ? fact->seq : head->seq;
    head->at_ms = fact->at_ms;
    memcpy(head->hash, hash, sizeof hash);
    return NULL;
}

void ledger_snapshot_digest(const struct ledger_snapshot *snapshot, uint8_t out_digest[SHA256_SIZE])
{
    const struct ledger_head *head = &snapshot->head;
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update_field(&hash, bytes_text("lotcast-snapshot-1"));
    sha256_update_field(&hash, bytes_text(snapshot->sale.text));
    sha256_update_int64(&hash, head->row);
    sha256_update_int64(&hash, head->seq);
    sha256_update_int64(&hash, head->at_ms);
    sha256_update(&hash, bytes_of(head->hash, sizeof head->hash));
    sha256_update_field(&hash, snapshot->notice);
    sha256_update_field(&hash, snapshot->state);
    sha256_final(&hash, out_digest);
}
