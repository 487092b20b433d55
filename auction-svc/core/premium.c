#include "auction-svc/core/premium.h"

int64_t premium_minor(const struct premium_bands *bands, int64_t hammer_minor)
{
    int64_t whole_minor = 0;
    int64_t rest = 0; // in basis points of a minor unit, so that no product overflows
    for (size_t i = 0; i < bands->count && hammer_minor > bands->bands[i].from_minor; i++) {
        bool is_last = i + 1 == bands->count || hammer_minor <= bands->bands[i + 1].from_minor;
        int64_t end_minor = is_last ? hammer_minor : bands->bands[i + 1].from_minor;
        int64_t part_minor = end_minor - bands->bands[i].from_minor;
        whole_minor += part_minor / BASIS_POINTS_MAX * bands->bands[i].basis_points;
        rest += part_minor % BASIS_POINTS_MAX * bands->bands[i].basis_points;
    }
    return whole_minor + rest / BASIS_POINTS_MAX;
}
