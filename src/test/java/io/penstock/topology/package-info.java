/** Tests of hosting topologies, and what the tests of all topologies share. */
@NullMarked
package io.penstock.topology;

import org.jspecify.annotations.NullMarked;
