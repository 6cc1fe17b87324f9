package io.penstock.chat;

import io.penstock.answer.Question.Exchange;
import io.penstock.schema.Citation;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The last turns of each session, bounded in number and length. There is one for each life of a task, through which all of the
 * task's nodes read and write them.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Conversations {
    /** More than are answered at once in a task. */
    private static final int KNOWN_ABSENT = 1_024;

    private final KeyValueStore<String, Conversation> store;
    /** Sessions that were looked for in vain and have not been written since: the store would look through its files for them again. */
    private final Set<String> absent = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KNOWN_ABSENT;
        }
    });

    private final int maxTurns;
    private final int maxTokens;

    Conversations(KeyValueStore<String, Conversation> store, ChatSettings settings) {
        this.store = store;
        this.maxTurns = settings.maxTurns();
        this.maxTokens = settings.maxTokens();
    }

    /** What was said before a request, oldest first. */
    List<Exchange> before(String session, String requestId) {
        return turns(session).stream()
                .filter(turn -> !turn.getRequestId().equals(requestId))
                .map(turn -> new Exchange(turn.getMessage(), turn.getReply()))
                .toList();
    }

    /** Puts a turn at the end. Under its request id: an answer that is made again takes the place of the one before. */
    void remember(String session, Turn turn) {
        List<Turn> turns = without(session, turn.getRequestId());
        turns.add(turn);
        while (turns.size() > maxTurns || (turns.size() > 1 && tokens(turns) > maxTokens)) {
            turns.removeFirst();
        }
        keep(session, turns);
    }

    /** Forgets the turn of a request. */
    void forget(String session, String requestId) {
        keep(session, without(session, requestId));
    }

    /** Forgets a session; returns how many turns it had. */
    int forget(String session) {
        int turns = turns(session).size();
        keep(session, List.of());
        return turns;
    }

    /** Forgets all turns that were about a topic or {@code topic/segment}; returns how many. */
    int forgetAbout(String scope) {
        Map<String, List<Turn>> left = new HashMap<>();
        int removed = 0;
        try (KeyValueIterator<String, Conversation> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<String, Conversation> entry = all.next();
                List<Turn> turns = new ArrayList<>(entry.value.getTurns());
                if (turns.removeIf(turn -> isAbout(turn.getSources(), scope))) {
                    left.put(entry.key, turns);
                    removed += entry.value.getTurns().size() - turns.size();
                }
            }
        }
        left.forEach(this::keep);
        return removed;
    }

    /** @param sources topics, or topics with a segment as {@code topic/segment} */
    static boolean isAbout(List<String> sources, String scope) {
        return sources.stream().anyMatch(source -> source.equals(scope) || source.startsWith(scope + "/"));
    }

    private List<Turn> turns(String session) {
        if (absent.contains(session)) {
            return List.of();
        }
        Conversation known = store.get(session);
        if (known == null) {
            absent.add(session);
            return List.of();
        }
        return known.getTurns();
    }

    private List<Turn> without(String session, String requestId) {
        List<Turn> turns = new ArrayList<>(turns(session));
        turns.removeIf(turn -> turn.getRequestId().equals(requestId));
        return turns;
    }

    private void keep(String session, List<Turn> turns) {
        if (turns.isEmpty()) {
            store.delete(session);
        } else {
            absent.remove(session);
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
