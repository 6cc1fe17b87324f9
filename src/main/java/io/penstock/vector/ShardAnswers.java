package io.penstock.vector;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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

    /** These and, of the partitions that did not answer, what came of asking them again. */
    ShardAnswers<R> and(ShardAnswers<R> again) {
        Map<Integer, R> allAnswers = new TreeMap<>(again.answers);
        allAnswers.putAll(answers);
        Set<Integer> allCopies = new TreeSet<>(again.copies);
        allCopies.removeAll(answers.keySet());
        allCopies.addAll(copies);
        return new ShardAnswers<>(allAnswers, allCopies, again.behind);
    }

    /** Those among these partitions that did not answer. */
    Set<Integer> missing(Set<Integer> wanted) {
        Set<Integer> missing = new TreeSet<>(wanted);
        missing.removeAll(answers.keySet());
        return missing;
    }
}
