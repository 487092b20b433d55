lotcast_fuzz(fuzz_fact SOURCE fuzz_fact.c CORPUS corpus/fact DEPENDS auction_record)
lotcast_fuzz(fuzz_definition SOURCE fuzz_definition.c CORPUS corpus/definition DEPENDS auction_record)
lotcast_fuzz(fuzz_order SOURCE fuzz_order.c CORPUS corpus/order DEPENDS auction_service)
