namespace LlIcm.Cli.Tests;

/// <summary>All tests share the models.</summary>
[CollectionDefinition(Name)]
public sealed class ModelCollection : ICollectionFixture<RandomModels>
{
    public const string Name = "models";
}
