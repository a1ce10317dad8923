"""The worklist of a Bulk Data export on a Spark cluster: partitions of whole patients, piped through the program.

    spark-submit worklist.py EXPORT OUT --now 2026-05-04T04:00:00Z [--program spinal-mets-cds] [--partitions 200]

EXPORT is what Spark can read: NDJSON, a resource a line, also compressed. The program is on every worker. What belongs to no
patient (medications, deletions) goes to every partition. OUT gets the lines of `evaluate --export --format ndjson`, in no order.
"""

import argparse
import json
import shlex

from pyspark.sql import SparkSession


def patient_of(resource):
    """The bare id of the patient whose a resource is; None for what is shared."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id")
    for member in ("subject", "patient", "beneficiary"):
        reference = (resource.get(member) or {}).get("reference", "")
        if "Patient/" in reference:
            return reference.split("Patient/")[1].split("/")[0]
    return None


def placed(line, partitions):
    """The line once for the partition of its patient, or once for each."""
    try:
        patient = patient_of(json.loads(line))
    except (ValueError, AttributeError, TypeError):
        patient = None  # The program says what it cannot read.
    return [(patient, line)] if patient else [(number, line) for number in range(partitions)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export")
    parser.add_argument("out")
    parser.add_argument("--now", required=True, help="the clock, the same on every worker")
    parser.add_argument("--program", default="spinal-mets-cds")
    parser.add_argument("--partitions", type=int, default=200)
    args = parser.parse_args()

    spark = SparkSession.builder.appName("spinal-mets-worklist").getOrCreate()
    partitions = args.partitions

    def partition(key):
        # Numbers are partitions themselves. Python's own hash differs from worker to worker.
        if isinstance(key, int):
            return key
        return int.from_bytes(key.encode()[-8:], "big") % partitions

    command = [args.program, "evaluate", "--export", "-", "--format", "ndjson", "--now", args.now]
    (
        spark.sparkContext.textFile(args.export)
        .filter(lambda line: line.strip())
        .flatMap(lambda line: placed(line, partitions))
        .partitionBy(partitions, partition)
        .values()
        .pipe(shlex.join(command), checkCode=True)
        .saveAsTextFile(args.out)
    )
    spark.stop()


if __name__ == "__main__":
    main()
