package io.penstock.chat;

import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What lists show of a conversation. */
public final class ConversationSummary {
    /** Name of the view of the store. */
    public static final String VIEW = "summary";

    private ConversationSummary() {}

    /** {@code {"session_id", "turns", "first_at", "last_at"}}. */
    public static Map<String, Object> of(Conversation conversation) {
        List<Turn> turns = conversation.getTurns();
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("session_id", conversation.getSessionId());
        summary.put("turns", turns.size());
        if (!turns.isEmpty()) {
            summary.put("first_at", turns.getFirst().getAt().toString());
            summary.put("last_at", turns.getLast().getAt().toString());
        }
        return summary;
    }
}
