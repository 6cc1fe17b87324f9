@NullMarked
package io.penstock.serde;

import org.jspecify.annotations.NullMarked;
