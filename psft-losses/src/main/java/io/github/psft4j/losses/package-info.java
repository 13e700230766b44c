/** The family of objectives around SFT and PSFT, one package per kind. */
package io.github.psft4j.losses;
