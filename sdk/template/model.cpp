// Makes the library a plugin.
#include "model.h"

BERTH_EXPORT_MODEL(@CLASS@)
