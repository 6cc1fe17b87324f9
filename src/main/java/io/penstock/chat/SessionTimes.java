package io.penstock.chat;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions a task remembers, and when each went on last: kept in memory, so that neither a new session nor the one that went on
 * longest ago need be looked for in the store. What an earlier life of the task left is not known until it was taken up.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class SessionTimes {
    /** The one that went on longest ago first, as soon as it is whole. */
    private Map<String, Long> times = new LinkedHashMap<>();

    private boolean whole;

    /** @param at milliseconds since 1970 */
    void goesOn(String session, long at) {
        times.remove(session); // to stand last
        times.put(session, at);
    }

    void isGone(String session) {
        times.remove(session);
    }

    /** An earlier life left this one, which may have gone on since. */
    void found(String session, long at) {
        times.putIfAbsent(session, at);
    }

    /** All that an earlier life left was found. */
    void becomeWhole() {
        Map<String, Long> sorted = LinkedHashMap.newLinkedHashMap(times.size());
        times.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEachOrdered(entry -> sorted.put(entry.getKey(), entry.getValue()));
        times = sorted;
        whole = true;
    }

    /** False when there is surely no such session. */
    boolean mayKnow(String session) {
        return !whole || times.containsKey(session);
    }

    /** The session that went on longest ago, if there are more than so many, or if that was before a time. */
    @Nullable
    String oldest(int mostSessions, long since) {
        Iterator<Map.Entry<String, Long>> all = times.entrySet().iterator();
        if (!whole || !all.hasNext()) {
            return null;
        }
        Map.Entry<String, Long> first = all.next();
        return times.size() > mostSessions || first.getValue() < since ? first.getKey() : null;
    }
}
