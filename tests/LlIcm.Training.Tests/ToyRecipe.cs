namespace LlIcm.Training.Tests;

internal sealed record ToyRecipe : StageRecipe
{
    public ToyRecipe()
    {
        Steps = 40;
        BatchSize = 6;
        LearningRate = 0.05;
        ReportEvery = 1;
        EmaDecay = 0.9;
        Precision = ComputePrecision.Fp32;
    }
}
