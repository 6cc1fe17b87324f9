/**
 * The cluster: which instances run, what each of them runs, and how one asks another.
 */
@NullMarked
package io.penstock.cluster;

import org.jspecify.annotations.NullMarked;
