package io.penstock.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The set of keys that are live, in 16 bytes each or less: of a key only 64 bits of its hash are kept. Two of a million keys
 * collide with a probability of 3 in 10^8, and then what was deleted stays in a mirror until its topic is deleted.
 */
final class LiveKeys {
    private static final int LEAST = 1 << 10;
    /** No hash; a hash of that value is moved by one. */
    private static final long FREE = 0;

    private final MessageDigest digest;
    private long[] slots = new long[LEAST];
    /** Whether the key in a slot is live; a removed key keeps its slot, so that the search for others passes over it. */
    private boolean[] alive = new boolean[LEAST];

    private int used;
    private int size;

    LiveKeys() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    void add(String key) {
        if (2 * (used + 1) > slots.length) {
            grow();
        }
        long hash = hash(key);
        int slot = slot(slots, hash);
        if (slots[slot] == FREE) {
            slots[slot] = hash;
            used++;
        }
        size += alive[slot] ? 0 : 1;
        alive[slot] = true;
    }

    void remove(String key) {
        int slot = slot(slots, hash(key));
        size -= alive[slot] ? 1 : 0;
        alive[slot] = false;
    }

    boolean contains(String key) {
        return alive[slot(slots, hash(key))];
    }

    int size() {
        return size;
    }

    private long hash(String key) {
        long hash = ByteBuffer.wrap(digest.digest(key.getBytes(UTF_8))).getLong();
        return hash == FREE ? 1 : hash;
    }

    private static int slot(long[] slots, long hash) {
        int slot = (int) (hash & (slots.length - 1));
        while (slots[slot] != FREE && slots[slot] != hash) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void grow() {
        // Keys that were removed are left behind: when they are most of it, the table need not grow.
        int length = 4 * (size + 1) > slots.length ? 2 * slots.length : slots.length;
        long[] nextSlots = new long[length];
        boolean[] nextAlive = new boolean[length];
        for (int i = 0; i < slots.length; i++) {
            if (alive[i]) {
                int slot = slot(nextSlots, slots[i]);
                nextSlots[slot] = slots[i];
                nextAlive[slot] = true;
            }
        }
        slots = nextSlots;
        alive = nextAlive;
        used = size;
    }
}
