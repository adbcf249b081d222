"""The application: the Bench every page, command and API call goes through, and the Streamlit front door."""
