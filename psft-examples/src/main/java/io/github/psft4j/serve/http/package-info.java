/** The protocol over HTTP, on Netty. */
package io.github.psft4j.serve.http;
