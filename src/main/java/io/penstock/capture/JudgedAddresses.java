package io.penstock.capture;

import io.penstock.stage.CallException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Gives the HTTP client the addresses that it connects to: those that the guard has judged, and in the same step, so that nothing
 * can change in between. Names are looked up on threads of the platform, because a server for names that does not answer would
 * hold up every virtual thread.
 */
final class JudgedAddresses implements DnsResolver {
    private static final int ANY_PORT = -1;

    private final AddressGuard guard;

    /** What the guard said against a host. */
    static final class RefusedException extends UnknownHostException {
        private final transient CallException verdict;

        RefusedException(CallException verdict) {
            super(verdict.getMessage());
            initCause(verdict);
            this.verdict = verdict;
        }

        CallException verdict() {
            return verdict;
        }
    }

    JudgedAddresses(AddressGuard guard) {
        this.guard = guard;
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        return judged(host, port).stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /** Without a port nothing is allowed by host and port. */
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return judged(host, ANY_PORT).toArray(InetAddress[]::new);
    }

    private List<InetAddress> judged(String host, int port) throws UnknownHostException {
        FutureTask<List<InetAddress>> lookup = new FutureTask<>(() -> guard.destinations(host, port));
        Thread.ofPlatform().daemon().name("capture-lookup").start(lookup);
        try {
            return lookup.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CallException verdict
                    ? new RefusedException(verdict)
                    : new UnknownHostException(host + ": " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host + ": interrupted");
        }
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
