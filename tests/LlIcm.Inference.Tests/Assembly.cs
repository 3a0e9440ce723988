// One after the other: full-size networks need memory, and sessions are counted.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
