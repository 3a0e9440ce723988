// One after the other: sweeps use both cores by themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
