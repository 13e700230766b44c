/** OpenAI's protocol without its transport: requests in, JSON out. */
package io.github.psft4j.serve.api;
