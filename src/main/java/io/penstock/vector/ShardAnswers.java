package io.penstock.vector;

import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * What the shards answered.
 *
 * @param answers by partition
 * @param copies partitions among them that a copy answered for, since who holds the partition did not: it may lack what came last
 * @param behind partitions that could have answered, but not from the position that was asked for
 */
record ShardAnswers<R>(Map<Integer, R> answers, Set<Integer> copies, Set<Integer> behind) {
    Collection<R> values() {
        return answers.values();
    }
}
