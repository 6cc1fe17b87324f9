/** Penstock: from alerts to answers. Each package is a stage of that way, or a concern that stages share. */
@NullMarked
package io.penstock;

import org.jspecify.annotations.NullMarked;
