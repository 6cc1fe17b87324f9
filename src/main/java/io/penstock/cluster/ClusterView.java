package io.penstock.cluster;

import io.penstock.schema.InstanceEntry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which instances are alive, told from the entries they publish. An entry keeps its instance alive for {@link #LIFE} after it was
 * received; clocks of other machines decide nothing but whether the first entry that is seen of an instance is an old one.
 *
 * <p>Threading: any thread; the caller says what time it is.
 */
final class ClusterView {
    /** How long an instance is taken for alive after it was last heard of. */
    static final Duration LIFE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterView.class);

    private final String self;
    private final InstanceSignature signature;
    private final Map<String, Member> members = new TreeMap<>();
    /** The newest entry of those that were taken back, so that an older one does not bring them back. */
    private final Map<String, Long> gone = new HashMap<>();

    private final Set<String> warnedOf = new HashSet<>();

    /** @param heard whether it was heard of while it was alive; an entry that was found in the topic may be that of a dead one */
    private record Member(Peer peer, long seq, long receivedNanos, boolean heard) {
        boolean isAlive(long nanos) {
            return heard && nanos - receivedNanos < LIFE.toNanos();
        }
    }

    /** @param self the id of this instance, whose own entries say nothing new */
    ClusterView(String self, InstanceSignature signature) {
        this.self = self;
        this.signature = signature;
    }

    /**
     * Takes in what was read from the topic.
     *
     * @param entry null when the instance took itself back
     * @param live whether it was written since this instance began to read; else it may have lain there for long
     * @param now by the wall clock
     * @param nanos by the monotonic clock
     */
    synchronized void apply(String id, @Nullable InstanceEntry entry, boolean live, Instant now, long nanos) {
        if (id.equals(self)) {
            return;
        }
        Member known = members.get(id);
        if (entry == null) {
            if (known != null) {
                members.remove(id);
                gone.put(id, known.seq());
                if (known.isAlive(nanos)) {
                    LOG.info("The instance at {} has left", known.peer().url());
                }
            }
            return;
        }
        Optional<Peer> peer = trusted(id, entry);
        long newest = known != null ? known.seq() : gone.getOrDefault(id, Long.MIN_VALUE);
        // A number may be lower only when its machine's clock was set back before a new start.
        boolean restarted = live && known != null && !known.isAlive(nanos);
        if (peer.isEmpty() || (entry.getSeq() <= newest && !restarted)) {
            return;
        }
        boolean fresh = live || Duration.between(entry.getAt(), now).compareTo(LIFE) <= 0;
        boolean wasAlive = known != null && known.isAlive(nanos);
        Member member = new Member(peer.get(), entry.getSeq(), nanos, fresh);
        members.put(id, member);
        gone.remove(id);
        if (!wasAlive && member.heard()) {
            LOG.info(
                    "The instance at {} is there, with the roles {}",
                    member.peer().url(),
                    entry.getRoles());
        }
    }

    private Optional<Peer> trusted(String id, InstanceEntry entry) {
        if (!signature.verifies(entry)) {
            if (warnedOf.add(id)) {
                LOG.warn(
                        "The instance {} publishes itself with another key than this one's and is left out:"
                                + " PENSTOCK_API_KEY must be the same on all instances",
                        id);
            }
            return Optional.empty();
        }
        try {
            URI url = URI.create(entry.getUrl());
            if (id.equals(entry.getInstanceId()) && url.getScheme() != null && url.getHost() != null) {
                return Optional.of(
                        new Peer(id, url, new HashSet<>(entry.getRoles()), new HashSet<>(entry.getTopologies())));
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("An entry with a malformed address", e);
        }
        if (warnedOf.add(id)) {
            LOG.warn("The instance {} cannot be reached at '{}': set its PENSTOCK_ADVERTISED_URL", id, entry.getUrl());
        }
        return Optional.empty();
    }

    /** Those that are alive, by id. */
    synchronized List<Peer> alive(long nanos) {
        return members.values().stream()
                .filter(member -> member.isAlive(nanos))
                .map(Member::peer)
                .toList();
    }

    /** Those that were not heard of for so long. */
    synchronized List<String> silentFor(Duration time, long nanos) {
        return members.entrySet().stream()
                .filter(entry -> nanos - entry.getValue().receivedNanos() >= time.toNanos())
                .map(Map.Entry::getKey)
                .toList();
    }
}
