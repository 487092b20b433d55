# Who links it has malloc(), calloc() and realloc() that fail when the test wants it.
add_library(scarce_memory STATIC scarce_memory.c)
target_link_libraries(scarce_memory PRIVATE lotcast_options)
target_link_options(scarce_memory INTERFACE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
