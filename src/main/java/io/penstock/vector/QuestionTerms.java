package io.penstock.vector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;

/**
 * The terms of the questions that were asked last. Each shard needs them twice for one search, on threads that Lucene's analysers,
 * which keep what they work with by thread, have never met. May be used from any thread.
 */
final class QuestionTerms {
    private static final int REMEMBERED = 64;
    private static final float LOAD_FACTOR = 0.75f;

    private final Analyzer analyzer;
    private final Map<String, List<String>> last = new LinkedHashMap<>(REMEMBERED, LOAD_FACTOR, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<String>> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param analyzer the one that the texts of the index were analysed with */
    QuestionTerms(Analyzer analyzer) {
        this.analyzer = analyzer;
    }

    /** The distinct terms of a question, in order. */
    synchronized List<String> of(String question) {
        return last.computeIfAbsent(question, text -> List.copyOf(TextAnalysis.terms(analyzer, text)));
    }
}
