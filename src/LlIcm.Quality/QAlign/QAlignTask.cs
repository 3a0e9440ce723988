namespace LlIcm.Quality;

/// <summary>What Q-Align is asked.</summary>
public enum QAlignTask
{
    /// <summary>"How would you rate the quality of this image?".</summary>
    Quality,

    /// <summary>"How would you rate the aesthetics of this image?".</summary>
    Aesthetics,

    /// <summary>"How would you rate the aesthetic of this image?", IQA-PyTorch's wording.</summary>
    PyIqaAesthetic,
}
