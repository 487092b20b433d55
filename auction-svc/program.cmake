lotcast_program(auction-svc SOURCES main.c DEPENDS auction_service)
