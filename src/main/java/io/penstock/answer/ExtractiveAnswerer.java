package io.penstock.answer;

import io.penstock.answer.SentenceRanking.Ranked;
import io.penstock.embedding.Embedder;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Citation;
import io.penstock.schema.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Answers without a language model: quotes the sentences that fit the question best, each with the number of the passage it
 * stands in, or says plainly that nothing relevant is known. A citation is the whole passage, so the quoted words are inside.
 */
public final class ExtractiveAnswerer implements Answerer {
    /** What this answerer is called. */
    public static final String NAME = "extractive";

    /** The reply when nothing relevant is known. */
    public static final String NOTHING_KNOWN = "Nothing relevant to this question is known from what was collected.";

    /**
     * Evidence of the best sentence (cosine, and 0.4 of the question's words that it shares, and 0.4 of those that its passage
     * shares) from which a question counts as answerable: the least of which {@code ./penstock bench grounding} finds, on
     * questions about one half of the titles, that it declines 95 % of what cannot be answered. See {@code docs/decisions.md}.
     */
    static final double RELEVANT = 0.70;

    private static final int QUOTED = 3;
    private static final double CLOSE_TO_BEST = 0.15;

    private final SentenceRanking ranking;

    /** @param embedder embeds questions and sentences; should be a view that goes before the embedding of documents */
    public ExtractiveAnswerer(Embedder embedder) {
        this.ranking = new SentenceRanking(embedder);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ChatAnswer answer(Question question, ReplyListener listener) throws InterruptedException {
        ChatAnswer answer = answer(question);
        listener.onCitations(answer.getCitations());
        listener.onText(answer.getReply());
        return answer;
    }

    @Override
    public ChatAnswer answer(Question question) throws InterruptedException {
        List<Ranked> ranked = ranking.rank(FollowUp.of(question.text(), question.history()), question.passages());
        Usage usage = Usage.newBuilder().setPassages(question.passages().size()).build();
        if (ranked.isEmpty() || ranked.getFirst().evidence() < RELEVANT) {
            return answer(NOTHING_KNOWN, false, List.of(), usage);
        }
        Map<String, Citation> citations = new LinkedHashMap<>();
        List<String> quotes = new ArrayList<>();
        for (Ranked one : quotable(ranked)) {
            Citation citation = citations.computeIfAbsent(
                    one.passage().id(), id -> Citations.of(citations.size() + 1, one.passage()));
            quotes.add("\u201c" + one.sentence().onOneLine() + "\u201d [" + citation.getN() + "]");
        }
        return answer(String.join("\n", quotes), true, List.copyOf(citations.values()), usage);
    }

    /** The best sentence and at most two others that come close to it, none twice. */
    private static List<Ranked> quotable(List<Ranked> ranked) {
        List<Ranked> quoted = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        double least = ranked.getFirst().score() - CLOSE_TO_BEST;
        for (Ranked one : ranked) {
            if (one.score() < least || quoted.size() == QUOTED) {
                break;
            }
            if (one.evidence() >= RELEVANT
                    && seen.add(one.sentence().onOneLine().toLowerCase(Locale.ROOT))) {
                quoted.add(one);
            }
        }
        return quoted;
    }

    private static ChatAnswer answer(String reply, boolean answered, List<Citation> citations, Usage usage) {
        return ChatAnswer.newBuilder()
                .setReply(reply)
                .setAnswered(answered)
                .setAnswerer(NAME)
                .setCitations(citations)
                .setUsage(usage)
                .build();
    }
}
