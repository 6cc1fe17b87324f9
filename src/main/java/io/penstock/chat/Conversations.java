package io.penstock.chat;

import io.penstock.answer.Question.Exchange;
import io.penstock.schema.Citation;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The last turns of each session, bounded in number and length. There is one for each life of a task, through which all of the
 * task's nodes read and write them.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Conversations {
    private final KeyValueStore<String, Conversation> store;
    private final SessionTimes times = new SessionTimes();
    private final int maxTurns;
    private final int maxTokens;
    private final int maxConversations;

    Conversations(KeyValueStore<String, Conversation> store, MemorySettings settings) {
        this.store = store;
        this.maxTurns = settings.maxTurns();
        this.maxTokens = settings.maxTokens();
        this.maxConversations = settings.maxConversations();
    }

    /** What is remembered of a session, oldest first. */
    List<Turn> turns(String session) {
        if (!times.mayKnow(session)) {
            return List.of();
        }
        Conversation known = store.get(session);
        return known == null ? List.of() : known.getTurns();
    }

    /** What was said before a request. What was said after it, when it is repeated, is left out. */
    static List<Exchange> before(List<Turn> turns, String requestId) {
        return turns.stream()
                .takeWhile(turn -> !turn.getRequestId().equals(requestId))
                .map(turn -> new Exchange(turn.getMessage(), turn.getReply()))
                .toList();
    }

    /**
     * Puts a turn at the end, or in the place of the one that its request had before.
     *
     * @return whether a conversation begins with it
     */
    boolean remember(String session, Turn turn) {
        List<Turn> before = turns(session);
        List<Turn> turns = new ArrayList<>(before);
        int place = 0;
        while (place < turns.size() && !turns.get(place).getRequestId().equals(turn.getRequestId())) {
            place++;
        }
        if (place < turns.size()) {
            turns.set(place, turn);
        } else {
            turns.add(turn);
        }
        while (turns.size() > maxTurns || (turns.size() > 1 && tokens(turns) > maxTokens)) {
            turns.removeFirst();
        }
        keep(session, turns);
        times.goesOn(session, lastAt(turns));
        return before.isEmpty();
    }

    /** Forgets the turn of a request. */
    void forget(String session, String requestId) {
        List<Turn> turns = new ArrayList<>(turns(session));
        turns.removeIf(turn -> turn.getRequestId().equals(requestId));
        keep(session, turns);
    }

    /** Forgets a session; returns how many turns it had. */
    int forget(String session) {
        int turns = turns(session).size();
        keep(session, List.of());
        return turns;
    }

    /** What is done with conversations, one after the other. */
    interface Visitor {
        /** The turns that are left of a conversation. */
        List<Turn> left(String session, List<Turn> turns);
    }

    /**
     * Visits the next conversations, in the order of their sessions.
     *
     * @param after the session that was visited last; null at the beginning
     * @param effort how many turns may be looked at, about
     * @return the session that was visited last; null when there are no more
     */
    @Nullable
    String visit(@Nullable String after, int effort, Visitor visitor) {
        Map<String, List<Turn>> changed = new LinkedHashMap<>();
        String last = after;
        int left = effort;
        // The next key in the order of bytes is that with a zero byte behind.
        try (KeyValueIterator<String, Conversation> all =
                after == null ? store.all() : store.range(after + '\0', null)) {
            while (left > 0 && all.hasNext()) {
                KeyValue<String, Conversation> entry = all.next();
                List<Turn> turns = entry.value.getTurns();
                List<Turn> kept = visitor.left(entry.key, turns);
                if (kept.size() < turns.size()) {
                    changed.put(entry.key, kept);
                }
                last = entry.key;
                left -= 1 + turns.size();
            }
            if (!all.hasNext()) {
                last = null;
            }
        }
        changed.forEach(this::keep);
        return last;
    }

    /** What an earlier life of the task left. */
    void found(String session, List<Turn> turns) {
        times.found(session, lastAt(turns));
    }

    /** All that an earlier life left was found: from now on it is known which sessions there are. */
    void allFound() {
        times.becomeWhole();
    }

    /**
     * Forgets conversations that have not gone on since a time, and those that went on longest ago when there are too many. None
     * before all were found.
     *
     * @param since milliseconds since 1970
     * @param most how many may be forgotten
     * @return how many were
     */
    int forgetOldest(long since, int most) {
        int forgotten = 0;
        String oldest = times.oldest(maxConversations, since);
        while (oldest != null && forgotten < most) {
            keep(oldest, List.of());
            forgotten++;
            oldest = times.oldest(maxConversations, since);
        }
        return forgotten;
    }

    private static long lastAt(List<Turn> turns) {
        return turns.stream()
                .mapToLong(turn -> turn.getAt().toEpochMilli())
                .max()
                .orElse(0);
    }

    /** @param sources topics, or topics with a segment as {@code topic/segment} */
    static boolean isAbout(List<String> sources, String scope) {
        return sources.stream().anyMatch(source -> source.equals(scope) || source.startsWith(scope + "/"));
    }

    private void keep(String session, List<Turn> turns) {
        if (turns.isEmpty()) {
            times.isGone(session);
            store.put(session, null); // a delete would read what it deletes
        } else {
            store.put(session, new Conversation(session, turns));
        }
    }

    private static int tokens(List<Turn> turns) {
        return turns.stream().mapToInt(Conversations::tokens).sum();
    }

    private static int tokens(Turn turn) {
        return TokenEstimate.of(turn.getMessage())
                + TokenEstimate.of(turn.getReply())
                + turn.getCitations().stream()
                        .map(Citation::getText)
                        .mapToInt(TokenEstimate::of)
                        .sum();
    }
}
