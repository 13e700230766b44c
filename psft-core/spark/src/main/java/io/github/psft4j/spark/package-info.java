/**
 * Training on an Apache Spark cluster: slices of a mini-batch are tasks of ordinary stages, and the driver adds their
 * gradients in the order of the slices. A task that is lost is repeated by Spark, and gives the same bits again.
 */
package io.github.psft4j.spark;
