namespace LlIcm.Training.Data;

/// <summary>The part of a data set.</summary>
public enum DataSplit
{
    /// <summary>What its authors meant for training.</summary>
    Train,

    /// <summary>What its authors meant for tests.</summary>
    Test,
}
