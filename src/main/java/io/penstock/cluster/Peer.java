package io.penstock.cluster;

import java.net.URI;
import java.util.Set;

/**
 * Another app instance that is alive.
 *
 * @param id identity of the instance
 * @param url where its HTTP server is reached; without a slash at the end
 * @param topologies what it runs, by the names of the topologies
 */
public record Peer(String id, URI url, Set<String> roles, Set<String> topologies) {
    public Peer {
        roles = Set.copyOf(roles);
        topologies = Set.copyOf(topologies);
    }
}
