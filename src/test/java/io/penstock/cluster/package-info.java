/** Tests of the cluster. */
@NullMarked
package io.penstock.cluster;

import org.jspecify.annotations.NullMarked;
