# Each fact that a test causes also goes through its text into a second sale, which must stay equal (core_room.c).
add_library(core_room STATIC core_room.c)
target_link_libraries(core_room PUBLIC lotcast_options auction_record PkgConfig::CMOCKA)
foreach(part
    apply
    bid
    closing
    definition
    increment
    maximum
    participants
    pausing
    record
    registration
    state)
  lotcast_test(test_core_${part} LABEL unit SOURCES core_${part}.c DEPENDS core_room)
endforeach()
add_library(formats_room STATIC formats_room.c)
target_link_libraries(formats_room PUBLIC core_room)
foreach(format any candle dutch japanese sealed)
  lotcast_test(test_core_formats_${format} LABEL unit SOURCES core_formats_${format}.c DEPENDS formats_room)
endforeach()
add_library(flow_room STATIC flow_room.c)
target_link_libraries(flow_room PUBLIC core_room)
foreach(part clocks flow_facts lot_control matching nomination parallel reopening soft_close starting)
  lotcast_test(test_core_${part} LABEL unit SOURCES core_${part}.c DEPENDS flow_room)
endforeach()
lotcast_test(test_core_memory LABEL unit SOURCES core_memory.c DEPENDS formats_room)
target_link_libraries(test_core_memory PRIVATE scarce_memory)
set(real_records "${PROJECT_SOURCE_DIR}/../shared/data/ipl_2025_sold.csv")
lotcast_test(test_core_ipl LABEL unit SOURCES core_ipl.c DEPENDS auction_core)
target_compile_definitions(test_core_ipl PRIVATE IPL_FILE="${real_records}")
set_tests_properties(test_core_ipl PROPERTIES SKIP_RETURN_CODE 77)
lotcast_test(test_core_ebay LABEL unit SOURCES core_ebay.c DEPENDS auction_core)
target_compile_definitions(test_core_ebay PRIVATE EBAY_FILE="${PROJECT_SOURCE_DIR}/../shared/data/ebay_bids.csv")
set_tests_properties(test_core_ebay PROPERTIES SKIP_RETURN_CODE 77)
lotcast_test(test_core_premium LABEL unit SOURCES core_premium.c DEPENDS auction_core)
