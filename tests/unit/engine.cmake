lotcast_test(test_engine_ledger LABEL unit SOURCES engine_ledger.c DEPENDS auction_io)
lotcast_test(test_engine_service LABEL unit SOURCES engine_service.c DEPENDS auction_service core_room)
lotcast_test(test_engine_agenda LABEL unit SOURCES engine_agenda.c DEPENDS auction_service)
set_source_files_properties(engine_ledger.c PROPERTIES COMPILE_DEFINITIONS _XOPEN_SOURCE=700)
